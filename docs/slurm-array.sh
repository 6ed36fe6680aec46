#!/bin/sh
# One shard of the studies in every task of a Slurm job array. Submit it in the project's root, after
# `cargo build --release -p trainer`, with the number of shards and the studies:
#
#   sbatch --array=1-8 docs/slurm-array.sh 8 all
#
# A task that was stopped or lost is submitted again alone, with the same number of shards; it continues where its
# journal ends:
#
#   sbatch --array=3 docs/slurm-array.sh 8 all
#
#SBATCH --job-name=leq
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=500M
#SBATCH --time=02:00:00
#SBATCH --output=slurm-%A-%a.log

set -eu

if [ "$#" -lt 2 ] || [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
    echo "usage: sbatch --array=1-SHARDS docs/slurm-array.sh SHARDS STUDY..." >&2
    exit 2
fi
shards=$1
shift

# exec, so that Slurm's signal at the time limit reaches the trainer: it keeps what has finished and ends.
exec target/release/trainer study run "$@" \
    --shard "$SLURM_ARRAY_TASK_ID/$shards" \
    --jobs "${SLURM_CPUS_PER_TASK:-1}" \
    --out "runs/shards/$SLURM_ARRAY_TASK_ID"
