"""What real TTPs know by name: torch 1.4, and the federated algorithms of each generation.

Plain data, so that a client needs no torch to know what the torch on the other side can do.
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONV = ("in_channels out_channels kernel_size", "stride padding dilation groups bias padding_mode")
_CONV_TRANSPOSED = (_CONV[0], f"{_CONV[1]} output_padding")
_AVERAGE = ("kernel_size", "stride padding ceil_mode count_include_pad")
_MAXIMUM = ("kernel_size", "stride padding dilation return_indices ceil_mode")
_FRACTIONAL = ("kernel_size", "output_size output_ratio return_indices")
_BATCH = ("num_features", "eps momentum affine track_running_stats")
_RECURRENT = ("input_size hidden_size", "num_layers bias batch_first dropout bidirectional")
_CELL = ("input_size hidden_size", "bias")
_EMBEDDED = ("num_embeddings embedding_dim", "max_norm norm_type scale_grad_by_freq sparse")

# Layers that take one input, by name: the arguments that each needs, and those that it takes.
LAYERS: dict[str, tuple[str, str]] = {
    "AdaptiveAvgPool1d": ("output_size", ""),
    "AdaptiveAvgPool2d": ("output_size", ""),
    "AdaptiveAvgPool3d": ("output_size", ""),
    "AdaptiveMaxPool1d": ("output_size", "return_indices"),
    "AdaptiveMaxPool2d": ("output_size", "return_indices"),
    "AdaptiveMaxPool3d": ("output_size", "return_indices"),
    "AlphaDropout": ("", "p inplace"),
    "AvgPool1d": _AVERAGE,
    "AvgPool2d": (_AVERAGE[0], f"{_AVERAGE[1]} divisor_override"),
    "AvgPool3d": (_AVERAGE[0], f"{_AVERAGE[1]} divisor_override"),
    "BatchNorm1d": _BATCH,
    "BatchNorm2d": _BATCH,
    "BatchNorm3d": _BATCH,
    "CELU": ("", "alpha inplace"),
    "ConstantPad1d": ("padding value", ""),
    "ConstantPad2d": ("padding value", ""),
    "ConstantPad3d": ("padding value", ""),
    "Conv1d": _CONV,
    "Conv2d": _CONV,
    "Conv3d": _CONV,
    "ConvTranspose1d": _CONV_TRANSPOSED,
    "ConvTranspose2d": _CONV_TRANSPOSED,
    "ConvTranspose3d": _CONV_TRANSPOSED,
    "CrossMapLRN2d": ("size", "alpha beta k"),
    "Dropout": ("", "p inplace"),
    "Dropout2d": ("", "p inplace"),
    "Dropout3d": ("", "p inplace"),
    "ELU": ("", "alpha inplace"),
    "Embedding": (_EMBEDDED[0], f"{_EMBEDDED[1]} padding_idx"),
    "EmbeddingBag": (_EMBEDDED[0], f"{_EMBEDDED[1]} mode"),
    "FeatureAlphaDropout": ("", "p inplace"),
    "Flatten": ("", "start_dim end_dim"),
    "Fold": ("output_size kernel_size", "dilation padding stride"),
    "FractionalMaxPool2d": _FRACTIONAL,
    "FractionalMaxPool3d": _FRACTIONAL,
    "GELU": ("", ""),
    "GLU": ("", "dim"),
    "GRU": _RECURRENT,
    "GRUCell": _CELL,
    "GroupNorm": ("num_groups num_channels", "eps affine"),
    "Hardshrink": ("", "lambd"),
    "Hardtanh": ("", "min_val max_val inplace min_value max_value"),
    "Identity": ("", ""),
    "InstanceNorm1d": _BATCH,
    "InstanceNorm2d": _BATCH,
    "InstanceNorm3d": _BATCH,
    "LPPool1d": ("norm_type kernel_size", "stride ceil_mode"),
    "LPPool2d": ("norm_type kernel_size", "stride ceil_mode"),
    "LSTM": _RECURRENT,
    "LSTMCell": _CELL,
    "LayerNorm": ("normalized_shape", "eps elementwise_affine"),
    "LeakyReLU": ("", "negative_slope inplace"),
    "Linear": ("in_features out_features", "bias"),
    "LocalResponseNorm": ("size", "alpha beta k"),
    "LogSigmoid": ("", ""),
    "LogSoftmax": ("", "dim"),
    "MaxPool1d": _MAXIMUM,
    "MaxPool2d": _MAXIMUM,
    "MaxPool3d": _MAXIMUM,
    "PReLU": ("", "num_parameters init"),
    "PixelShuffle": ("upscale_factor", ""),
    "RNN": (_RECURRENT[0], f"{_RECURRENT[1]} nonlinearity"),
    "RNNCell": (_CELL[0], f"{_CELL[1]} nonlinearity"),
    "RReLU": ("", "lower upper inplace"),
    "ReLU": ("", "inplace"),
    "ReLU6": ("", "inplace"),
    "ReflectionPad1d": ("padding", ""),
    "ReflectionPad2d": ("padding", ""),
    "ReplicationPad1d": ("padding", ""),
    "ReplicationPad2d": ("padding", ""),
    "ReplicationPad3d": ("padding", ""),
    "SELU": ("", "inplace"),
    "Sigmoid": ("", ""),
    "Softmax": ("", "dim"),
    "Softmax2d": ("", ""),
    "Softmin": ("", "dim"),
    "Softplus": ("", "beta threshold"),
    "Softshrink": ("", "lambd"),
    "Softsign": ("", ""),
    "SyncBatchNorm": (_BATCH[0], f"{_BATCH[1]} process_group"),
    "Tanh": ("", ""),
    "Tanhshrink": ("", ""),
    "Threshold": ("threshold value", "inplace"),
    "TransformerEncoderLayer": ("d_model nhead", "dim_feedforward dropout activation"),
    "Unfold": ("kernel_size", "dilation padding stride"),
    "Upsample": ("", "size scale_factor mode align_corners"),
    "UpsamplingBilinear2d": ("", "size scale_factor"),
    "UpsamplingNearest2d": ("", "size scale_factor"),
    "ZeroPad2d": ("padding", ""),
}

# What else is in `torch.nn` and cannot stand in a row of layers: it takes more than what the layer before gives.
NO_LAYERS_OF_A_ROW = _names(
    "AdaptiveLogSoftmaxWithLoss Bilinear CosineSimilarity MaxUnpool1d MaxUnpool2d MaxUnpool3d ModuleDict ModuleList "
    "MultiheadAttention PairwiseDistance ParameterDict ParameterList Sequential Transformer TransformerDecoder "
    "TransformerDecoderLayer TransformerEncoder"
)

# Functions of `torch.nn.functional` that need nothing but their input.
ACTIVATIONS = _names(
    "alpha_dropout celu celu_ dropout dropout2d dropout3d elu elu_ feature_alpha_dropout gelu glu gumbel_softmax "
    "hardshrink hardtanh hardtanh_ leaky_relu leaky_relu_ log_softmax logsigmoid normalize relu relu6 relu_ rrelu "
    "rrelu_ selu selu_ sigmoid softmax softmin softplus softshrink softsign tanh tanhshrink"
)

CRITERIA = _names(
    "BCELoss BCEWithLogitsLoss CrossEntropyLoss HingeEmbeddingLoss KLDivLoss L1Loss MSELoss MultiLabelMarginLoss "
    "MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss"
)

# What else is a criterion, and wants more than an output and a target.
CRITERIA_OF_MORE = _names("CTCLoss CosineEmbeddingLoss MarginRankingLoss TripletMarginLoss AdaptiveLogSoftmaxWithLoss")

OPTIMIZERS = _names("ASGD Adadelta Adagrad Adam AdamW Adamax LBFGS RMSprop Rprop SGD SparseAdam")

# Those that have a momentum for CyclicLR to cycle.
OPTIMIZERS_WITH_MOMENTUM = frozenset(["RMSprop", "SGD"])

# Schedulers by name: the arguments that each needs. LambdaLR is given a lambda by the workers.
SCHEDULERS: dict[str, tuple[str, ...]] = {
    "CosineAnnealingLR": ("T_max",),
    "CosineAnnealingWarmRestarts": ("T_0",),
    "CyclicLR": ("base_lr", "max_lr"),
    "ExponentialLR": ("gamma",),
    "LambdaLR": (),
    "MultiStepLR": ("milestones",),
    "MultiplicativeLR": ("lr_lambda",),
    "OneCycleLR": ("max_lr",),
    "ReduceLROnPlateau": (),
    "StepLR": ("step_size",),
}

ALGORITHMS = {
    "v4": frozenset(["FedAvg", "FedProx", "FedSplit", "SNN"]),
    "v8": frozenset(["FedAvg", "FedGKT", "FedProx"]),
}
