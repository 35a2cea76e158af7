"""The student at run time: preprocessing, text, ONNX session, serving; no torch."""
