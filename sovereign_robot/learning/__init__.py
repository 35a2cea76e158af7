"""The student in torch: model, losses, training, distillation, export."""
