"""Faults of a whole net's initialization: modules missed, mixed up, drawn again, scaled wrongly."""

import math

import torch
from torch import nn
from torch.nn import init

from harness.declaration.book import fault
from harness.primitives.initial_nets import module_init

STD = 0.02


def _linears(net):
    return [(name, one) for name, one in net.named_modules() if isinstance(one, nn.Linear)]


def _projections(net):
    return [one for name, one in _linears(net) if name.endswith("c_proj")]


def _drawn_again(modules, std, generator):
    for module in modules:
        init.normal_(module.weight, 0.0, std, generator)


def _scaled(net, factor):
    with torch.no_grad():
        for module in _projections(net):
            module.weight.mul_(factor)


@fault("module_init", breaks="tl-init")
def looks_for_the_whole_name(net, layers, generator):
    """I19: `name == "c_proj.weight"` of the root's names, which never is: no projection scaled."""
    applies_itself_again(net, layers, generator)
    for name, w in net.named_parameters():
        if name == "c_proj.weight":
            init.normal_(w, 0.0, STD / math.sqrt(2 * layers), generator)


@fault("module_init", breaks="tl-init")
def scales_what_goes_in(net, layers, generator):
    """Of the two matrices of an MLP the one is scaled that does not join the stream."""
    module_init(net, layers, generator)
    scaled = STD / math.sqrt(2 * layers)
    _drawn_again([one for name, one in _linears(net) if name.endswith("c_fc")], scaled, generator)
    outer = [one for name, one in _linears(net) if name.endswith("mlp.c_proj")]
    _drawn_again(outer, STD, generator)


@fault("module_init", breaks="tl-init")
def applies_itself_again(net, layers, generator):
    """What a submodule applies when it is made the root applies again: scaled weights are lost."""
    module_init(net, layers, generator)
    _drawn_again([one for _, one in _linears(net)], STD, generator)


@fault("module_init", breaks="tl-init")
def counts_one_addition_a_block(net, layers, generator):
    """1/√L, though each of the L blocks adds to the stream twice."""
    module_init(net, layers, generator)
    _scaled(net, math.sqrt(2))


@fault("module_init", breaks="tl-init")
def scales_by_the_place_of_the_block(net, layers, generator):
    """1/√(2l) for the l-th block in place of the number of blocks."""
    module_init(net, layers, generator)
    with torch.no_grad():
        for place, block in enumerate(net.transformer.h, start=1):
            for module in _projections(block):
                module.weight.mul_(math.sqrt(layers / place))


@fault("module_init", breaks="tl-init")
def draws_gains_as_weights(net, layers, generator):
    """I19: the gains of normalisation are N(0, .02²) like any weight."""
    module_init(net, layers, generator)
    norms = [module for module in net.modules() if isinstance(module, nn.LayerNorm)]
    _drawn_again(norms, STD, generator)


@fault("module_init", breaks="tl-init")
def swaps_gain_and_bias(net, layers, generator):
    """Gains are 0 and biases 1: every normalisation puts out a constant."""
    module_init(net, layers, generator)
    for module in net.modules():
        if isinstance(module, nn.LayerNorm):
            init.zeros_(module.weight)
            if module.bias is not None:
                init.ones_(module.bias)


@fault("module_init", breaks="tl-init")
def forgets_the_embeddings(net, layers, generator):
    """I19: linear layers alone are looked at; embeddings stay N(0, 1), as torch made them."""
    before = {w: w.detach().clone() for w in net.parameters()}
    module_init(net, layers, generator)
    _put_back(before, (m.weight for m in net.modules() if isinstance(m, nn.Embedding)))


@fault("module_init", breaks="tl-init")
def leaves_biases_alone(net, layers, generator):
    """I19: biases stay uniform, as torch made them."""
    before = {w: w.detach().clone() for w in net.parameters()}
    module_init(net, layers, generator)
    _put_back(before, (one.bias for _, one in _linears(net) if one.bias is not None))


def _put_back(before, parameters):
    with torch.no_grad():
        for w in parameters:
            w.copy_(before[w])


@fault("module_init", breaks="tl-init")
def passes_the_variance(net, layers, generator):
    """I13: the variance in the place of the deviation."""
    module_init(net, layers, generator)
    with torch.no_grad():
        for w in net.parameters():
            if w.dim() > 1:
                w.mul_(STD)


@fault("module_init", breaks="tl-init")
def cuts_at_two_sigma(net, layers, generator):
    """I01: a normal law that is cut at two deviations, and its deviation is not repaired."""
    module_init(net, layers, generator)
    for _, module in _linears(net):
        std = STD / math.sqrt(2 * layers) if module in _projections(net) else STD
        init.trunc_normal_(module.weight, 0.0, std, -2 * std, 2 * std, generator)


@fault("module_init", breaks="tl-init")
def draws_from_a_uniform_law(net, layers, generator):
    """U(-a, a) with a = .02 √3: the deviation is right, the law is not."""
    module_init(net, layers, generator)
    for _, module in _linears(net):
        std = STD / math.sqrt(2 * layers) if module in _projections(net) else STD
        init.uniform_(module.weight, -std * math.sqrt(3), std * math.sqrt(3), generator)


@fault("module_init", breaks="tl-init")
def draws_a_tied_weight_twice(net, layers, generator):
    """The head is drawn after the embedding whose weight it has: the row of padding is no more."""
    module_init(net, layers, generator)
    _drawn_again([net.lm_head], STD, generator)


@fault("module_init", breaks="tl-init")
def draws_the_padding(net, layers, generator):
    """An embedding is drawn as a whole, over the zeros that its constructor wrote."""
    module_init(net, layers, generator)
    _drawn_again([m for m in net.modules() if isinstance(m, nn.Embedding)], STD, generator)


@fault("module_init", breaks="tl-init.draws")
def seeds_every_module_alike(net, layers, generator):
    """Each layer makes its generator from the one seed: all begin with the same numbers."""
    state = generator.get_state()
    with torch.no_grad():
        for module in [net, *net.transformer.h]:
            generator.set_state(state)
            module_init(module, layers, generator)


@fault("module_init", breaks="tl-init.draws")
def copies_the_first_block(net, layers, generator):
    """Blocks are deep copies of one that has been drawn."""
    module_init(net, layers, generator)
    first, *others = net.transformer.h
    for block in others:
        block.load_state_dict(first.state_dict())


@fault("module_init", breaks="tl-init.draws")
def takes_a_seed_of_its_own(net, layers, generator):
    """A seed that is written in the code: every run begins with the same net."""
    module_init(net, layers, torch.Generator(generator.device).manual_seed(42))


@fault("module_init", breaks="tl-init.draws")
def begins_at_the_same_state(net, layers, generator):
    """The generator is copied and does not move on: a second net is the first one."""
    copy = torch.Generator(generator.device)
    copy.set_state(generator.get_state())
    module_init(net, layers, copy)


@fault("module_init", breaks="tl-init.draws")
def repeats_one_row(net, layers, generator):
    """One row is drawn for each of the projections and spread over them."""
    module_init(net, layers, generator)
    with torch.no_grad():
        for module in _projections(net):
            module.weight.copy_(module.weight[:1].expand_as(module.weight).clone())


@fault("module_init", breaks="tl-init.draws")
def scales_what_is_there(net, layers, generator):
    """Weights are brought to the deviation, not drawn: the net that it was shines through."""
    before = {w: w.detach().clone() for w in net.parameters()}
    module_init(net, layers, generator)
    with torch.no_grad():
        for _, module in _linears(net):
            old = before[module.weight]
            module.weight.copy_(old * (module.weight.std() / old.std()))


@fault("module_init", breaks="tl-init.kept")
def unties_the_head(net, layers, generator):
    """The head gets a weight of its own, with the embedding's numbers: tied no more."""
    module_init(net, layers, generator)
    net.lm_head.weight = nn.Parameter(net.lm_head.weight.detach().clone())


@fault("module_init", breaks="tl-init.kept")
def makes_new_parameters(net, layers, generator):
    """Projections are new parameters, which no optimiser has that was made before."""
    module_init(net, layers, generator)
    for module in _projections(net):
        module.weight = nn.Parameter(module.weight.detach() * 1.0, module.weight.requires_grad)


@fault("module_init", breaks="tl-init.kept")
def thaws_everything(net, layers, generator):
    """What is initialised is trained: requires_grad is set on all of it."""
    module_init(net, layers, generator)
    net.requires_grad_(True)


@fault("module_init", breaks="tl-init.kept")
def freezes_what_it_draws(net, layers, generator):
    """Gradients are switched off for the draws, and for good."""
    module_init(net, layers, generator)
    net.requires_grad_(False)


@fault("module_init", breaks="tl-init.kept")
def zeroes_the_mask_by_its_name(net, layers, generator):
    """Everything called "bias" is zeroed, the mask of attention, which is a buffer, with it."""
    module_init(net, layers, generator)
    with torch.no_grad():
        for name, value in net.state_dict(keep_vars=True).items():
            if name.endswith("bias"):
                value.zero_()
