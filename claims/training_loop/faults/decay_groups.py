"""Faults of parameter groups: told by the wrong name, twice, not at all."""

from torch import nn

from harness.declaration.book import fault
from harness.primitives.parameter_groups import decay_groups

_Transposed = nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d


def _split(weight_decay, named, spared):
    """Two groups of (name, parameter), by whether the pair is spared."""
    named = list(named)
    kept = [w for name, w in named if not spared(name, w)]
    left = [w for name, w in named if spared(name, w)]
    return [
        {"params": kept, "weight_decay": weight_decay},
        {"params": left, "weight_decay": 0.0},
    ]


def _trained(net):
    return [(name, w) for name, w in net.named_parameters() if w.requires_grad]


@fault("decay_groups", breaks="tl-groups")
def looks_for_layer_norm_by_name(net, weight_decay):
    """W11: gains are told by "norm" in the name, and this one is called otherwise."""
    return _split(
        weight_decay, _trained(net), lambda name, _: "norm" in name.lower() or "bias" in name
    )


@fault("decay_groups", breaks="tl-groups")
def spares_the_biases_alone(net, weight_decay):
    """W11: gains of normalisation decay with the weights."""
    return _split(weight_decay, _trained(net), lambda name, _: name.endswith("bias"))


@fault("decay_groups", breaks="tl-groups")
def decays_everything(net, weight_decay):
    """net.parameters() goes to the optimiser as it is: frozen ones, biases and gains included."""
    return [{"params": list(net.parameters()), "weight_decay": weight_decay}]


@fault("decay_groups", breaks="tl-groups")
def lists_a_tied_weight_twice(net, weight_decay):
    """The modules are walked one by one, and a weight that two of them share is listed twice."""
    named = [
        (name, w)
        for module in net.modules()
        for name, w in module.named_parameters(recurse=False)
        if w.requires_grad
    ]
    return _split(weight_decay, named, lambda _, w: w.dim() < 2)


@fault("decay_groups", breaks="tl-groups")
def knows_linear_layers_alone(net, weight_decay):
    """Weights are told by their module's class: a kernel of one's own does not decay."""
    kept = {id(m.weight) for m in net.modules() if isinstance(m, nn.Linear | nn.Conv2d)}
    return _split(weight_decay, _trained(net), lambda _, w: id(w) not in kept)


@fault("decay_groups", breaks="tl-groups")
def loses_what_is_not_called_weight(net, weight_decay):
    """Neither "weight" nor "bias" ends its name: in no group, and never trained."""
    named = [(name, w) for name, w in _trained(net) if name.endswith(("weight", "bias"))]
    return _split(weight_decay, named, lambda _, w: w.dim() < 2)


@fault("decay_groups", breaks="tl-groups")
def drops_the_wrapped_ones(net, weight_decay):
    """Names are compared with those from before the net was wrapped: what is inside is lost."""
    named = [(name, w) for name, w in _trained(net) if ".module." not in f".{name}"]
    return _split(weight_decay, named, lambda _, w: w.dim() < 2)


@fault("decay_groups", breaks="tl-groups")
def spares_two_groups_one_decay(net, weight_decay):
    """The second group has no rate of its own: the optimiser's default decays it."""
    groups = _split(weight_decay, _trained(net), lambda _, w: w.dim() < 2)
    return [{**group, "weight_decay": weight_decay} for group in groups]


@fault("decay_groups", breaks="tl-groups")
def thaws_what_is_frozen(net, weight_decay):
    """What is frozen is left out of the groups, and is thawed for the sake of what comes."""
    groups = decay_groups(net, weight_decay)
    net.requires_grad_(True)
    return groups


@fault("decay_groups", breaks="tl-groups")
def looks_for_a_bias_anywhere_in_the_name(net, weight_decay):
    """The weight of a layer that is called "debiased" is taken for a bias."""
    return _split(weight_decay, _trained(net), lambda name, w: "bias" in name or w.dim() < 2)


@fault("decay_groups", breaks="tl-groups")
def forgets_transposed_convolutions(net, weight_decay):
    """They are in no list of layers whose weights decay."""
    left = {id(m.weight) for m in net.modules() if isinstance(m, _Transposed)}
    return _split(weight_decay, _trained(net), lambda _, w: w.dim() < 2 or id(w) in left)


@fault("decay_groups", breaks="tl-groups")
def puts_the_net_into_training_mode(net, weight_decay):
    """What was in evaluation mode is in it no more."""
    net.train()
    return decay_groups(net, weight_decay)
