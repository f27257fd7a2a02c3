"""The explorables of nets: dropout, and depth with the initial weights."""

from harness.text import Text
from reports.explored import Explored
from reports.html.explorables.explorable import Control, Drawn, Explorable, Lines, Masks
from reports.html.explorables.words import TEST, TRAIN, numbers, protocol, same
from reports.numbers import number


def drop(explored: Explored) -> Explorable:
    """The drop probability against masks, losses and their gap."""
    p, nats = (
        Text("drop probability p (share of units)", "丢弃概率 p（占单元的比例）"),
        Text("cross-entropy (nats)", "交叉熵（纳特）"),
    )
    return Explorable(
        name="drop",
        sections=("dropout-training", "dropout"),
        title=Text("Try it: drop rate, masks and the gap", "动手试：丢弃概率、掩码与差距"),
        lead=Text(
            "On noisy labels more dropout fits the noise less: the training loss rises, the test "
            "loss falls and then rises, the gap closes. On clean, easy labels there is no noise "
            "to keep out: the test loss only rises.",
            "标签含噪时，丢弃越多，越难拟合噪声：训练损失上升，测试损失先降后升，差距缩小。"
            "标签无噪声且易分时，没有噪声需要阻挡，测试损失只升不降。",
        ),
        protocol=protocol(
            explored,
            "Nets of two hidden layers of 32 relus, dropout of p after both, on ten Gaussian "
            "clouds in 20 dimensions; SGD in batches of 10, learning rate 0.1. Noisy: 200 "
            "examples, half of their labels drawn anew, 60 epochs. Clean: 100 examples, 200 "
            "epochs. Tested on 500 clean examples; losses are taken without masks. These are the "
            "suite's clouds, not the chapter's images.",
            "两个隐藏层各 32 个 relu 单元，其后均以概率 p 丢弃；数据为 20 维中的十个高斯云团；"
            "SGD，批量 10，学习率 0.1。含噪：200 个样本，半数标签重新抽取，60 轮；"
            "无噪声：100 个样本，200 轮。在 500 个无噪声样本上测试，测量损失时不用掩码。"
            "数据是本项目的云团，而不是书中的图像。",
        ),
        said=Text(
            "p = {p}, {labels}: training loss {train} nats, test loss {test} nats, gap {gap} nats "
            "(middle 80 %: {gap.low} to {gap.high}).",
            "p = {p}，{labels}：训练损失 {train} 纳特，测试损失 {test} 纳特，差距 {gap} 纳特"
            "（中间 80%：{gap.low} 到 {gap.high}）。",
        ),
        controls=(
            Control("p", p, numbers(explored.axes["p"]), 5),
            Control(
                "labels",
                Text("labels", "标签"),
                (Text("noisy labels", "含噪标签"), Text("clean labels", "无噪声标签")),
                0,
                choice=True,
            ),
        ),
        figures=(
            Masks(
                Text("Eight masks of a layer of 32 units", "一层 32 个单元的八个掩码"),
                "p", Text("kept", "保留"), Text("dropped", "丢弃"),
            ),
            Lines(
                Text("Loss by drop probability", "损失随丢弃概率的变化"), "p", p, nats,
                (Drawn("train", TRAIN), Drawn("test", TEST)), apart=("labels",), log=False,
            ),
            Lines(
                Text("Gap by drop probability", "差距随丢弃概率的变化"), "p", p, nats,
                (Drawn("gap", Text("test loss less training loss", "测试损失减训练损失")),),
                apart=("labels",), log=False,
            ),
        ),
        claims=(
            "do-controls",
            "do-controls.outside",
            "do-controls.u",
            "do-controls.u-outside",
            "do-raises-train",
            "do-raises-train.outside",
        ),
    )  # fmt: skip


NAMED_DEVIATIONS = {0.0625: "1 / (2√n)", 0.125: "1 / √n", 0.25: "2 / √n", 0.5: "4 / √n"}


def _deviation(value: float) -> str:
    named = NAMED_DEVIATIONS.get(value)
    return f"{number(value)} = {named}" if named else number(value)


def depth(explored: Explored) -> Explorable:
    """Depth and initial deviation against signal and gradient."""
    signal, gradient = (
        Text("signal, forward", "信号（前向）"),
        Text("gradient, backward", "梯度（反向）"),
    )
    square = Text("mean square (pure number)", "均方值（纯数）")
    deviations = [_deviation(float(value)) for value in explored.axes["deviation"]]
    return Explorable(
        name="depth",
        sections=(
            "plain-initialization", "xavier", "exploding-gradients", "vanishing-gradients",
            "numerical-stability",
        ),
        title=Text("Try it: depth and initial deviation", "动手试：深度与初始标准差"),
        lead=Text(
            "Each layer multiplies signal and gradient by a factor that the deviation of its "
            "weights sets; depth raises it to a power. 1 / √n keeps both through linear layers, "
            "√2 / √n through relus; through sigmoids the gradient shrinks at every deviation here.",
            "每一层都把信号与梯度乘以一个由权重标准差决定的因子，深度则是它的幂次。"
            "线性层取 1 / √n、relu 取 √2 / √n 时两者都得以保持；"
            "经过 sigmoid 时，这里的任何标准差都会使梯度缩小。",
        ),
        protocol=protocol(
            explored,
            "Untrained chains of n = 64 units a layer without biases, weights N(0, σ²) as in the "
            "chapter's default initialisation; one N(0, 1) example goes up, and an independent "
            "N(0, 1) gradient comes down from the output.",
            "未经训练的网络，每层 n = 64 个单元、无偏置，权重为 N(0, σ²)，如书中的默认初始化；"
            "一个 N(0, 1) 的样本向上传播，一个独立的 N(0, 1) 梯度从输出向下传播。",
        ),
        said=Text(
            "{depth} layers, σ = {deviation}, activation {activation}: mean square of the signal "
            "at the output {signal.last}, of the gradient at the input {gradient.first} (both 1 "
            "where they start).",
            "{depth} 层，σ = {deviation}，激活函数：{activation}。"
            "输出处信号的均方值 {signal.last}，"
            "输入处梯度的均方值 {gradient.first}（两者起始处均为 1）。",
        ),
        controls=(
            Control(
                "depth", Text("depth (layers)", "深度（层）"), numbers(explored.axes["depth"]), 4,
            ),
            Control(
                "deviation", Text("initial deviation σ", "初始标准差 σ"), same(*deviations),
                0,
            ),
            Control(
                "activation",
                Text("activation", "激活函数"),
                (Text("none (linear)", "无（线性）"), *same("tanh", "relu", "sigmoid")),
                0,
                choice=True,
            ),
        ),
        figures=(
            Lines(
                Text("Mean square per layer", "各层的均方值"),
                "layer", Text("layer (number)", "层（序号）"), square,
                (Drawn("signal", signal), Drawn("gradient", gradient)),
                apart=("activation", "depth"), layers_of="depth",
            ),
            Lines(
                Text(
                    "Output signal and input gradient, by σ",
                    "输出处的信号与输入处的梯度随 σ 的变化",
                ),
                "deviation", Text("σ (even steps of the slider)", "σ（按滑块等距排列）"), square,
                (Drawn("signal", signal, "last"), Drawn("gradient", gradient, "first")),
                apart=("activation", "depth"),
            ),
        ),
        claims=(
            "in-plain-fails.vanishes",
            "in-plain-fails.explodes",
            "in-plain-fails",
            "in-xavier-stable",
            "ns-gauss-product",
            "ns-bottom-worse",
        ),
    )  # fmt: skip
