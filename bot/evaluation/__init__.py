"""How good the advice is, measured on labelled questions that the matcher has not seen."""
