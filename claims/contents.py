"""The table of contents: topics and sections in the book's order, with the claim files of each."""

from harness.declaration.book import Section, Topic
from harness.text import Text

# A topic: folder | English | 中文, and | beyond where nothing is the chapter's own.
# Its sections: key | claim files | English | 中文.
TABLE = """
model_selection | Model Selection | 模型选择
  rote-learning | rote_learning | Coincidence and Rote Learning | 巧合与死记硬背
  training-and-generalization-error | training_error | Training Error and Generalization Error | 训练误差和泛化误差
  validation-set | validation_set | Validation Dataset | 验证数据集
  test-set | test_set | The Test Set | 测试数据集
  shuffling | shuffling | Random Orders and Minibatches | 随机顺序与小批量
  k-fold | folds | K-Fold Cross-Validation | k 折交叉验证
  k-fold-average | fold_average leave_one_out | The Average over K Folds | k 折的平均
  k-fold-selection | fold_choice | Choosing Hyperparameters with K Folds | 用 k 折交叉验证选择超参数
  k-fold-strata | stratified_folds | Stratified Folds | 分层的 k 折

capacity | Model Complexity | 模型复杂性
  capacity | parameters | Model Complexity: the parameters | 模型复杂性：参数
  capacity-errors | errors | Model Complexity: the error curves | 模型复杂性：误差曲线
  capacity-interpolation | interpolation | Model Complexity: past interpolation | 模型复杂性：越过插值点
  overfitting | overfitting | Underfitting or Overfitting? | 欠拟合还是过拟合？
  vc-dimension | vc_dimension | VC Dimension | VC 维
  data-complexity | data_complexity | Dataset Size and Complexity | 数据规模与数据复杂度

polynomial_regression | Polynomial Regression | 多项式回归
  polynomial-data | data printed_rows rescaling | Polynomial Regression | 多项式回归
  polynomial-cubic | cubic | Third-Order Polynomial Function Fitting (Normal) | 三阶多项式函数拟合（正常）
  polynomial-line | line | Linear Function Fitting (Underfitting) | 线性函数拟合（欠拟合）
  polynomial-high | coefficients high_degree overfitting | Higher-Order Polynomial Function Fitting (Overfitting) | 高阶多项式函数拟合（过拟合）
  fitting-summary | summary | Summary of Under- and Overfitting | 欠拟合与过拟合小结

weight_decay | Weight Decay | 权重衰减
  weight-decay | motivation | Weight Decay: why | 权重衰减：为什么
  weight-decay-sparsity | sparsity | Weight Decay: zeros and sparsity | 权重衰减：零与稀疏
  weight-decay-optimum | optimum | Weight Decay: the penalised loss | 权重衰减：带惩罚的损失
  weight-decay-norm | norm | Weight Decay: λ and the norm | 权重衰减：λ 与范数
  weight-decay-l1 | l1 | Weight Decay: L2 and L1 | 权重衰减：L2 与 L1
  weight-decay-step | step terms | Weight Decay: the step | 权重衰减：更新步
  weight-decay-bias | bias | Weight Decay: the bias | 权重衰减：偏置
  weight-decay-experiment | experiment | High-Dimensional Linear Regression | 高维线性回归
  weight-decay-overfitting | overfitting | Weight Decay against Overfitting | 用权重衰减对付过拟合
  adamw | adamw | Decoupled Weight Decay | 解耦的权重衰减
  weight-decay-concise | concise | Concise Implementation of Weight Decay | 权重衰减的简洁实现
  weight-decay-optimizers | optimizers | Weight Decay in the Optimiser | 优化器中的权重衰减
  weight-decay-parameters | parameters | Weight Decay: parameter by parameter | 权重衰减：逐个参数

dropout | Dropout | 暂退法
  dropout-motivation | motivation noise smoothness | Dropout: why | 暂退法：为什么
  dropout | layer masks | Dropout: the layer | 暂退法：暂退层
  dropout-shared | shared_masks | Dropout of Channels and Paths | 通道与路径的暂退
  dropout-in-a-net | in_a_net connections | Dropout: in a net | 暂退法：网络之中
  dropout-evaluation | evaluation | Dropout: at test time | 暂退法：测试时
  dropout-training | practice training two_by_two | Dropout: training | 暂退法：训练
  dropout-settings | compiled | Dropout: compiled, checkpointed | 暂退法：编译与重算

numerical_stability | Numerical Stability and Initialization | 数值稳定性和模型初始化
  numerical-stability | jacobians | Numerical Stability: products of Jacobians | 数值稳定性：雅可比矩阵的连乘
  half-precision | half_precision | Numerical Stability: half precision | 数值稳定性：半精度
  matrix-products | products | Numerical Stability: products of matrices | 数值稳定性：矩阵的连乘
  exploding-gradients | explosion | Exploding Gradients | 梯度爆炸
  saturation | saturation | Vanishing Gradients: saturation | 梯度消失：饱和
  vanishing-gradients | vanishing | Vanishing Gradients: training | 梯度消失：训练
  initialization | initial_laws | Parameter Initialization: the laws | 参数初始化：权重的分布
  initial-symmetry | symmetry | Parameter Initialization: breaking the symmetry | 参数初始化：打破对称性
  initial-independence | initial_independence | Parameter Initialization: independence | 参数初始化：独立性
  initial-layer | one_layer | Parameter Initialization: one layer | 参数初始化：一层
  xavier | xavier | Xavier Initialization | Xavier 初始化
  xavier-typical | typical_net | Xavier Initialization: the typical net | Xavier 初始化：典型的网络
  plain-initialization | plain | Default Initialization | 默认初始化
  kernels | convolutions | Initialization of Convolutions | 卷积核的初始化
  activations | affine | Activations and Stability: affine ones | 激活函数与稳定性：线性激活
  activations-tanh | tanh | Activations and Stability: tanh | 激活函数与稳定性：tanh
  activations-relu | relu | Activations and Stability: relu | 激活函数与稳定性：relu
  activations-sigmoid | sigmoid | Activations and Stability: sigmoid | 激活函数与稳定性：sigmoid
  activations-training | training | Activations and Stability: training | 激活函数与稳定性：训练

fashion_mnist | Training on Images | 在图像上训练
  training-on-images | training | Training on images | 在图像上训练

beyond_the_chapter | Beyond the Chapter | 本章之外 | beyond
  task-data | tasks signals | The Data of the Tasks | 各任务的数据
  generators | generators | Random Generators | 随机数生成器
  loss-averaging | loss_averaging | The Mean Loss in Parts | 分批求平均损失
  loss-smoothing | loss_smoothing | The Mean Loss, Some Ignored | 忽略部分样本的平均损失
  optimizers | optimizers | Optimizers with Memory | 带记忆的优化算法
  clipped-steps | clipped_steps | Clipped Steps | 裁剪梯度后的更新
  loss-evaluation | loss_evaluation | The Loss on a Data Set | 数据集上的损失
  exact-fits | exact_fits | Least Squares to the Last Digits | 精确到末位的最小二乘

training_loop | The Training Loop | 训练循环 | beyond
  training-step | steps | One Step of Training | 训练的一步
  learning-rate-schedule | schedules | The Learning Rate's Schedule | 学习率调度
  token-losses | token_losses | The Loss over Tokens | 词元上的损失
  decay-groups | decay_groups | What Decays | 哪些参数衰减
  attention | attention | Attention | 注意力
  normalization | normalization | Normalization | 规范化
  resuming | resuming | A Run That Goes On | 恢复训练
  sixteen-bit-parameters | sixteen_bits | 16-Bit Parameters | 16 位参数
  initial-nets | initial_nets | A Whole Net's Initialization | 整个网络的初始化
  ranks | ranks | Gradients over Ranks | 多个进程的梯度
  weight-averages | averages | Averages of the Weights | 权重的平均
  shards | shards | Shards of the Data | 数据分片
  relations | relations | Runs of One Trainer | 同一训练函数的多次运行
"""  # noqa: E501


def _topic(part: str) -> Topic:
    (folder, en, zh, *beyond), *sections = (line.strip().split(" | ") for line in part.splitlines())
    placed = (Section(key, Text(*title), tuple(files.split())) for key, files, *title in sections)
    return Topic(folder, Text(en, zh), tuple(placed), bool(beyond))


CONTENTS = tuple(map(_topic, TABLE.strip().split("\n\n")))
