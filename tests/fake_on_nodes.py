"""What a Ray worker imports, by MADE_EXTENSIONS, to train with the trainer of a few lines."""

import fake_training

for module, name, value in fake_training.patches():
    setattr(module, name, value)
