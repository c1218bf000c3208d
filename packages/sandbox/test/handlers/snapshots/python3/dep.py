# Stands for an installed package: it has a record.
import os

loads = [os.environ.get("DEP_MODE", "plain")]
