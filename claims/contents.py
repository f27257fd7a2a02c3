"""The table of contents: topics and sections in the book's order, with the claim files of each."""

from harness.declaration.book import Section, Topic
from harness.text import Text


def _section(key: str, files: str, en: str, zh: str) -> Section:
    return Section(key, Text(en, zh), tuple(files.split()))


CONTENTS = (
    Topic(
        "model_selection",
        Text("Model Selection", "模型选择"),
        (
            _section(
                "rote-learning", "rote_learning", "Coincidence and Rote Learning", "巧合与死记硬背"
            ),
            _section(
                "training-and-generalization-error",
                "training_error",
                "Training Error and Generalization Error",
                "训练误差和泛化误差",
            ),
            _section("validation-set", "validation_set", "Validation Dataset", "验证数据集"),
            _section("test-set", "test_set", "The Test Set", "测试数据集"),
            _section("shuffling", "shuffling", "Random Orders and Minibatches", "随机顺序与小批量"),
            _section("k-fold", "folds", "K-Fold Cross-Validation", "K 折交叉验证"),
            _section("k-fold-average", "fold_average", "The Average over K Folds", "K 折的平均"),
            _section(
                "k-fold-selection",
                "fold_choice",
                "Choosing Hyperparameters with K Folds",
                "用 K 折交叉验证选择超参数",
            ),
            _section("k-fold-strata", "stratified_folds", "Stratified Folds", "分层的 K 折"),
        ),
    ),
    Topic(
        "capacity",
        Text("Model Complexity", "模型复杂性"),
        (
            _section(
                "capacity", "parameters", "Model Complexity: the parameters", "模型复杂性：参数"
            ),
            _section(
                "capacity-errors",
                "errors",
                "Model Complexity: the error curves",
                "模型复杂性：误差曲线",
            ),
            _section(
                "capacity-interpolation",
                "interpolation",
                "Model Complexity: past interpolation",
                "模型复杂性：越过插值点",
            ),
            _section(
                "overfitting", "overfitting", "Underfitting or Overfitting?", "欠拟合还是过拟合？"
            ),
            _section("vc-dimension", "vc_dimension", "VC Dimension", "VC 维"),
            _section(
                "data-complexity",
                "data_complexity",
                "Dataset Size and Complexity",
                "数据规模与数据复杂度",
            ),
        ),
    ),
    Topic(
        "polynomial_regression",
        Text("Polynomial Regression", "多项式回归"),
        (
            _section(
                "polynomial-data",
                "data printed_rows rescaling",
                "Polynomial Regression",
                "多项式回归",
            ),
            _section(
                "polynomial-cubic",
                "cubic",
                "Third-Order Polynomial Function Fitting (Normal)",
                "三阶多项式函数拟合（正常）",
            ),
            _section(
                "polynomial-line",
                "line",
                "Linear Function Fitting (Underfitting)",
                "线性函数拟合（欠拟合）",
            ),
            _section(
                "polynomial-high",
                "coefficients high_degree overfitting",
                "Higher-Order Polynomial Function Fitting (Overfitting)",
                "高阶多项式函数拟合（过拟合）",
            ),
            _section(
                "fitting-summary",
                "summary",
                "Summary of Under- and Overfitting",
                "欠拟合与过拟合小结",
            ),
        ),
    ),
    Topic(
        "weight_decay",
        Text("Weight Decay", "权重衰减"),
        (
            _section("weight-decay", "motivation", "Weight Decay: why", "权重衰减：为什么"),
            _section(
                "weight-decay-sparsity",
                "sparsity",
                "Weight Decay: zeros and sparsity",
                "权重衰减：零与稀疏",
            ),
            _section(
                "weight-decay-optimum",
                "optimum",
                "Weight Decay: the penalised loss",
                "权重衰减：带惩罚的损失",
            ),
            _section(
                "weight-decay-norm", "norm", "Weight Decay: λ and the norm", "权重衰减：λ 与范数"
            ),
            _section("weight-decay-l1", "l1", "Weight Decay: L2 and L1", "权重衰减：L2 与 L1"),
            _section("weight-decay-step", "step", "Weight Decay: the step", "权重衰减：更新步"),
            _section("weight-decay-bias", "bias", "Weight Decay: the bias", "权重衰减：偏置"),
            _section(
                "weight-decay-experiment",
                "experiment",
                "High-Dimensional Linear Regression",
                "高维线性回归",
            ),
            _section(
                "weight-decay-overfitting",
                "overfitting",
                "Weight Decay against Overfitting",
                "用权重衰减对付过拟合",
            ),
            _section("adamw", "adamw", "Decoupled Weight Decay", "解耦的权重衰减"),
            _section(
                "weight-decay-concise",
                "concise",
                "Concise Implementation of Weight Decay",
                "权重衰减的简洁实现",
            ),
            _section(
                "weight-decay-optimizers",
                "optimizers",
                "Weight Decay in the Optimiser",
                "优化器中的权重衰减",
            ),
            _section(
                "weight-decay-parameters",
                "parameters",
                "Weight Decay: parameter by parameter",
                "权重衰减：逐个参数",
            ),
        ),
    ),
    Topic(
        "dropout",
        Text("Dropout", "暂退法"),
        (
            _section("dropout-motivation", "motivation noise", "Dropout: why", "暂退法：为什么"),
            _section("dropout", "layer masks", "Dropout: the layer", "暂退法：暂退层"),
            _section(
                "dropout-shared",
                "shared_masks",
                "Dropout of Channels and Paths",
                "通道与路径的暂退",
            ),
            _section("dropout-in-a-net", "in_a_net", "Dropout: in a net", "暂退法：网络之中"),
            _section("dropout-evaluation", "evaluation", "Dropout: at test time", "暂退法：测试时"),
            _section("dropout-training", "practice training", "Dropout: training", "暂退法：训练"),
            _section(
                "dropout-settings",
                "compiled",
                "Dropout: compiled, checkpointed",
                "暂退法：编译与重算",
            ),
        ),
    ),
    Topic(
        "numerical_stability",
        Text("Numerical Stability and Initialization", "数值稳定性和模型初始化"),
        (
            _section(
                "numerical-stability",
                "jacobians",
                "Numerical Stability: products of Jacobians",
                "数值稳定性：雅可比矩阵的连乘",
            ),
            _section(
                "half-precision",
                "half_precision",
                "Numerical Stability: half precision",
                "数值稳定性：半精度",
            ),
            _section(
                "matrix-products",
                "products",
                "Numerical Stability: products of matrices",
                "数值稳定性：矩阵的连乘",
            ),
            _section("exploding-gradients", "explosion", "Exploding Gradients", "梯度爆炸"),
            _section(
                "saturation", "saturation", "Vanishing Gradients: saturation", "梯度消失：饱和"
            ),
            _section(
                "vanishing-gradients",
                "vanishing",
                "Vanishing Gradients: training",
                "梯度消失：训练",
            ),
            _section(
                "initialization",
                "initial_laws",
                "Parameter Initialization: the laws",
                "参数初始化：权重的分布",
            ),
            _section(
                "initial-independence",
                "initial_independence",
                "Parameter Initialization: independence",
                "参数初始化：独立性",
            ),
            _section(
                "initial-layer",
                "one_layer",
                "Parameter Initialization: one layer",
                "参数初始化：一层",
            ),
            _section("xavier", "xavier", "Xavier Initialization", "Xavier 初始化"),
            _section(
                "xavier-typical",
                "typical_net",
                "Xavier Initialization: the typical net",
                "Xavier 初始化：典型的网络",
            ),
            _section("plain-initialization", "plain", "Default Initialization", "默认初始化"),
            _section("kernels", "convolutions", "Initialization of Convolutions", "卷积核的初始化"),
            _section(
                "activations",
                "affine",
                "Activations and Stability: affine ones",
                "激活函数与稳定性：线性激活",
            ),
            _section(
                "activations-tanh",
                "tanh",
                "Activations and Stability: tanh",
                "激活函数与稳定性：tanh",
            ),
            _section(
                "activations-relu",
                "relu",
                "Activations and Stability: relu",
                "激活函数与稳定性：relu",
            ),
            _section(
                "activations-sigmoid",
                "sigmoid",
                "Activations and Stability: sigmoid",
                "激活函数与稳定性：sigmoid",
            ),
            _section(
                "activations-training",
                "training",
                "Activations and Stability: training",
                "激活函数与稳定性：训练",
            ),
        ),
    ),
    Topic(
        "fashion_mnist",
        Text("Training on Images", "在图像上训练"),
        (_section("training-on-images", "training", "Training on images", "在图像上训练"),),
    ),
    Topic(
        "beyond_the_chapter",
        Text("Beyond the Chapter", "本章之外"),
        (
            _section("generators", "generators", "Random Generators", "随机数发生器"),
            _section(
                "loss-averaging", "loss_averaging", "The Mean Loss in Parts", "分批求平均损失"
            ),
            _section(
                "loss-smoothing",
                "loss_smoothing",
                "The Mean Loss, Some Ignored",
                "忽略部分样本的平均损失",
            ),
            _section("optimizers", "optimizers", "Optimizers with Memory", "带动量的优化算法"),
            _section("clipped-steps", "clipped_steps", "Clipped Steps", "梯度截断的更新"),
            _section(
                "loss-evaluation", "loss_evaluation", "The Loss on a Data Set", "数据集上的损失"
            ),
        ),
    ),
)
