"""The explorables of linear models: polynomials and weight decay."""

from harness.text import Text
from reports.explored import Explored
from reports.html.explorables.explorable import Control, Drawn, Explorable, Lines, Sample
from reports.html.explorables.words import TEST, TRAIN, numbers, protocol


def degree(explored: Explored) -> Explorable:
    """Degree and number of examples against a fit and its losses."""
    return Explorable(
        name="degree",
        sections=("polynomial-high", "fitting-summary", "capacity-errors", "polynomial-cubic"),
        title=Text("Try it: degree and number of examples", "动手试：阶数与样本数"),
        lead=Text(
            "Fitted exactly, a high degree follows the noise: it comes closer to its examples and "
            "further from fresh ones, the more so the fewer there are. Trained as the chapter "
            "does, degree 19 ends with both losses above degree 3.",
            "精确拟合时，高阶多项式会去追随噪声：离训练样本更近，离新样本更远，样本越少越明显。"
            "按书中的方式训练时，19 阶的两个损失最终都高于 3 阶。",
        ),
        protocol=protocol(
            explored,
            "Polynomials fitted to n examples of the chapter's noisy cubic (noise 0.1) and tested "
            "on 100 fresh ones; exactly, by least squares, or by the chapter's SGD (batches of 10, "
            "learning rate 0.01, 1500 epochs).",
            "用 n 个样本拟合书中的含噪三阶多项式（噪声 0.1），在 100 个新样本上测试；"
            "或用精确最小二乘，或用书中的 SGD（批量 10，学习率 0.01，1500 轮）。",
        ),
        said=Text(
            "Degree {degree}, {n} examples, {fit}: training loss {train}, test loss {test} "
            "(middle 80 %: {test.low} to {test.high}); mean squared errors; noise alone: 0.01.",
            "{degree} 阶，{n} 个样本，{fit}：训练损失 {train}，测试损失 {test}"
            "（中间 80%：{test.low} 到 {test.high}），均为均方误差；仅噪声就有 0.01。",
        ),
        controls=(
            Control("degree", Text("degree", "阶数"), numbers(explored.axes["degree"]), 19),
            Control("n", Text("examples", "样本数"), numbers(explored.axes["n"]), 2),
            Control(
                "fit",
                Text("fit", "拟合方式"),
                (
                    Text("exact least squares", "精确最小二乘"),
                    Text("the chapter's training", "书中的训练"),
                ),
                0,
                choice=True,
            ),
        ),
        figures=(
            Sample(
                Text("One of the samples and its fit", "其中一组样本及其拟合"),
                Text("x (pure number)", "x（纯数）"),
                Text("y (pure number)", "y（纯数）"),
                Text("example", "样本"),
                Text("true cubic", "真实的三阶多项式"),
                Text("fitted", "拟合结果"),
            ),
            Lines(
                Text("Loss by degree", "损失随阶数的变化"),
                "degree",
                Text("degree (number)", "阶数（整数）"),
                Text("loss (mean squared error)", "损失（均方误差）"),
                (Drawn("train", TRAIN), Drawn("test", TEST)),
                apart=("n", "fit"),
            ),
        ),
        claims=(
            "po-deg19-overfits",
            "po-deg19-overfits.corrected",
            "cap-train-monotone",
            "cap-train-monotone.outside",
            "cap-ucurve",
        ),
    )


def decay(explored: Explored) -> Explorable:
    """Weight decay against the norm and both losses."""
    epoch, loss = (
        Text("epoch (number)", "轮数（次数）"),
        Text("loss (half the squared error)", "损失（平方误差之半）"),
    )
    decay = Text("λ (even steps of the slider)", "λ（按滑块等距排列）")
    return Explorable(
        name="decay",
        sections=("weight-decay-experiment", "weight-decay-norm", "weight-decay"),
        title=Text("Try it: λ, the norm and the losses", "动手试：λ、范数与损失"),
        lead=Text(
            "From the chapter's N(0, 1) weights a larger λ lowers the test loss several "
            "thousandfold: it erases the start. From zero weights there is nothing to erase, and "
            "λ moves the test loss by little.",
            "从书中 N(0, 1) 的权重出发，较大的 λ 会使测试损失降至数千分之一：它抹去的是初始值。"
            "从零权重出发时没有可抹去的东西，λ 对测试损失影响很小。",
        ),
        protocol=protocol(
            explored,
            "The chapter's high-dimensional linear regression: 20 examples, 200 inputs, 100 fresh "
            "examples to test on; SGD in batches of 5, learning rate 0.003, 100 epochs.",
            "书中的高维线性回归：20 个样本、200 个输入，在 100 个新样本上测试；"
            "SGD，批量 5，学习率 0.003，100 轮。",
        ),
        said=Text(
            "λ = {decay}, {start}: after 100 epochs ‖w‖ is {norm}, the training loss {train.last}, "
            "the test loss {test.last} (middle 80 %: {test.last.low} to {test.last.high}); losses "
            "are half the squared error.",
            "λ = {decay}，{start}：100 轮后 ‖w‖ 为 {norm}，训练损失 {train.last}，"
            "测试损失 {test.last}（中间 80%：{test.last.low} 到 {test.last.high}），"
            "损失为平方误差之半。",
        ),
        controls=(
            Control(
                "decay", Text("weight decay λ", "权重衰减 λ"), numbers(explored.axes["decay"]), 5,
            ),
            Control(
                "start",
                Text("initial weights", "初始权重"),
                (
                    Text("from N(0, 1) weights", "初始权重 N(0, 1)"),
                    Text("from zero weights", "初始权重为零"),
                ),
                0,
                choice=True,
            ),
        ),
        figures=(
            Lines(
                Text("Loss over the epochs", "损失随轮数的变化"), "epoch", epoch, loss,
                (Drawn("train", TRAIN), Drawn("test", TEST)),
            ),
            Lines(
                Text("Loss after 100 epochs, by λ", "100 轮后的损失随 λ 的变化"),
                "decay", decay, loss,
                (Drawn("train", TRAIN, "last"), Drawn("test", TEST, "last")),
            ),
            Lines(
                Text("Norm of w after 100 epochs, by λ", "100 轮后 w 的范数随 λ 的变化"),
                "decay", decay, Text("‖w‖ (pure number)", "‖w‖（纯数）"),
                (Drawn("norm", Text("‖w‖", "‖w‖")),),
            ),
        ),
        claims=(
            "wd-demo-direction",
            "wd-demo-mechanism",
            "wd-demo-mechanism.corrected",
            "wd-demo-mechanism.zero-start",
            "wd-norm-monotone.training",
            "wd-norm-monotone",
        ),
    )  # fmt: skip
