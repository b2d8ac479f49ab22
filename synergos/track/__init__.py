"""The rounds of a training, and what keeps them: a csv file, TensorBoard, MLflow, or what a user calls himself."""
