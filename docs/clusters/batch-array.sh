#!/bin/sh
# One shard of a list of pairs in every task of a Slurm job array. Submit it in the project's root, after
# `cargo build --release -p infer`, with the number of shards, the list, and a folder for the outputs:
#
#   sbatch --array=1-4 docs/clusters/batch-array.sh 4 pairs.csv runs/answers
#
# Merge the outputs when all tasks have ended:
#
#   infer merge --shards 4 runs/answers/*.csv -o answers.csv --summaries runs/answers/*.json --summary summary.json
#
# A task that was stopped or lost is submitted again alone, with the same number of shards; it goes on where its output ends:
#
#   sbatch --array=3 docs/clusters/batch-array.sh 4 pairs.csv runs/answers
#
# INFER names the program, where that is not target/release/infer.
#
#SBATCH --job-name=leq-batch
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=500M
#SBATCH --time=02:00:00
#SBATCH --output=slurm-%A-%a.log

set -eu

if [ "$#" -ne 3 ] || [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
    echo "usage: sbatch --array=1-SHARDS docs/clusters/batch-array.sh SHARDS PAIRS FOLDER" >&2
    exit 2
fi
shards=$1
pairs=$2
folder=$3
mkdir -p "$folder"

# exec, so that Slurm's signal at the time limit reaches infer: it keeps the rows that it has answered and ends.
exec "${INFER:-target/release/infer}" batch "$pairs" \
    --shard "$SLURM_ARRAY_TASK_ID/$shards" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" \
    --resume --output "$folder/$SLURM_ARRAY_TASK_ID.csv" \
    --summary "$folder/$SLURM_ARRAY_TASK_ID.json"
