"""Dropout as a measure of uncertainty: what disagreement under many masks says about errors.

Nets of two hidden layers on ten Gaussian clouds in 20 dimensions, drawn afresh for each replicate;
"noisy" means that half of the training labels are drawn anew.
"""

from hypothesis import strategies as st

from claims.dropout.experiments import clouds
from claims.dropout.experiments.clouds import HALVES, NOISY
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import more_often_than_not
from harness.metrics import arrays, nets
from harness.text import Text

PRACTICE = 'd2l, "Dropout", "Dropout in Practice": '
MASKS = 20  # forward passes with fresh masks


@claim(
    "do-mc",
    "Where a net's answers under many masks disagree with its answer without, it errs more often",
    "在多次随机丢弃下的预测与不丢弃时不一致的样本上，网络更常出错",
    source=PRACTICE + "if the predictions agree across many different dropout outputs, then we "
    "might say that the network is more confident",
    formula="AUROC(disagreement → error) > 0.55",
    condition=Text(
        "20 masks with p = 0.5; disagreement is the share of them under which another class wins",
        "20 次掩码，p = 0.5；不一致的程度是其中预测为其他类的比例",
    ),
    given={"noise": st.sampled_from([0.0, 0.5])},
    holds=more_often_than_not(),
)
def disagreement_under_masks_signals_errors(train_mlp, dropout, noise, replicates, stream, device):
    votes, wrong = _under_masks(train_mlp, dropout, noise, replicates, stream, device)[:2]
    return nets.ranking(1 - votes, wrong) > 0.55


@claim(
    "do-mc.outside",
    "Disagreement under many masks tells errors better than the net's plain confidence does",
    "多次随机丢弃下的不一致，比网络本身的置信度更能预示错误",
    source=PRACTICE + "if the predictions agree across many different dropout outputs, then we "
    "might say that the network is more confident",
    formula="AUROC(disagreement → error) > AUROC(1 - max softmax → error)",
    condition=Text(
        "20 masks with p = 0.5, compared with the same net's softmax",
        "20 次掩码，p = 0.5；与同一网络的 softmax 相比",
    ),
    given={"noise": st.sampled_from([0.0, 0.5])},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-mc",
    why=Text(
        "Twenty masks are a coarse and noisy measure of what the softmax without masks already "
        "says: how far the best class is ahead.",
        "二十次掩码只是对 softmax 已经给出的信息（概率最高的类领先多少）的粗糙而带噪声的测量。",
    ),
)
def disagreement_beats_confidence(train_mlp, dropout, noise, replicates, stream, device):
    votes, wrong, doubt, _ = _under_masks(train_mlp, dropout, noise, replicates, stream, device)
    return nets.ranking(1 - votes, wrong) > nets.ranking(doubt, wrong)


@claim(
    "do-mc.spread",
    "A large spread of the predicted probability under many masks signals errors",
    "多次随机丢弃下预测概率的标准差越大，越容易预测错误",
    source=PRACTICE + "uncertainty by the spread of dropout outputs",
    formula="AUROC(sd of p(top class) → error) > 1/2",
    condition=Text("a net that was trained on noisy labels", "在含噪标签上训练的网络"),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-mc",
    why=Text(
        "A probability has room to vary where it is large: a net that is unsure gives the top "
        "class little, and little spread with it, so that its worst answers vary the least.",
        "概率大时才有变动的余地：不确定的网络给概率最高的类的概率也很小，标准差也随之很小，因此"
        "最差的预测反而波动最小。",
    ),
)
def spread_under_masks_signals_errors(train_mlp, dropout, replicates, stream, device):
    _, wrong, _, spread = _under_masks(train_mlp, dropout, NOISY, replicates, stream, device)
    return nets.ranking(spread, wrong) > 0.5


def _under_masks(train_mlp, dropout, noise, replicates, stream, device):
    """For each test sample (R, n): the votes for the plain answer under masks, whether that is
    wrong, its doubt 1 - p, and the spread of p under masks.
    """
    import torch

    n = 100 if noise == 0.0 else 200
    task = clouds.task(replicates, stream, n, noise)
    common = (train_mlp, dropout, [HALVES], replicates, stream, device)
    (net,) = clouds.arms(*common, n=n, noise=noise)
    x, y = task.X_test.to(device), task.y_test.to(device)
    plain = torch.softmax(nets.logits(net.parameters, x), dim=-1)
    best = plain.argmax(dim=-1, keepdim=True)
    generator = stream.child("masks").torch(device)
    votes, seen = torch.zeros_like(best, dtype=torch.float64), []
    for _ in range(MASKS):
        scores = nets.logits(net.parameters, x, lambda k, h: dropout(h, HALVES[k], generator))
        votes += (scores.argmax(dim=-1, keepdim=True) == best) / MASKS
        seen.append(torch.softmax(scores, dim=-1).gather(-1, best))
    spread = torch.stack(seen).std(dim=0)
    doubt = 1 - plain.gather(-1, best)
    wrong = best[..., 0] != y
    columns = [arrays.as_array(part[..., 0]) for part in (votes, doubt, spread)]
    return columns[0], arrays.as_array(wrong) != 0, columns[1], columns[2]
