"""The agent files of the AutoGPT Platform; its block ids and pins are named here and nowhere else."""
