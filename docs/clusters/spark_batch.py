"""Answers a list of pairs with `infer batch` in every partition of a Spark RDD.

    spark-submit docs/clusters/spark_batch.py pairs.jsonl runs/answers --partitions 8
    cat runs/answers/part-*

The list is one file of JSON lines, one object a row. The answers are JSON lines too, in the order of the rows and with their
numbers in the whole list: all parts, one after the other, are what `infer batch pairs.jsonl --to jsonl` writes. Program and
pictures must be at the same place on every machine. A row whose pictures cannot be used gets an error, as always; whatever else
ends `infer` fails its partition, and Spark tries that again.
"""

import argparse
import itertools
import os
import re
import shlex

from pyspark.sql import SparkSession

# What `infer` takes for an empty line, which is no row.
BLANK = " \t\n\r\f"
ROW = re.compile(r'^\{"row":(\d+)')


def command(arguments):
    """What every partition is piped through. Exit code 1 says that some rows have no answer, which is no failure here."""
    words = [os.path.abspath(arguments.infer), "batch", "-", "--from", "jsonl", "--to", "jsonl"]
    words += ["--root", os.path.abspath(arguments.root or os.path.dirname(arguments.pairs))]
    words += ["--threads", "1", *shlex.split(arguments.options)]
    script = f'{shlex.join(words)}; code=$?; [ "$code" -le 1 ] || exit "$code"'
    return shlex.join(["/bin/sh", "-c", script])


def counted(rows):
    yield sum(1 for _ in rows)


def numbered(before, answers):
    """Every partition counts its rows from 1; `before` rows of the list come before them."""
    for answer in answers:
        yield ROW.sub(lambda found: f'{{"row":{before + int(found[1])}', answer, count=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", help="list of pairs, JSON lines")
    parser.add_argument("answers", help="folder for the answers, which must not exist yet")
    parser.add_argument("--partitions", type=int, default=8, help="at least as many, each a process of infer")
    parser.add_argument("--infer", default="target/release/infer", help="the program, at the same place on every machine")
    parser.add_argument("--root", help="folder for relative paths [default: the folder of the list]")
    parser.add_argument("--options", default="", help="more options of infer batch, as --options='--model /shared/MODEL'")
    arguments = parser.parse_args()

    spark = SparkSession.builder.appName("leq-batch").getOrCreate()
    lines = spark.sparkContext.textFile(arguments.pairs, arguments.partitions)
    rows = lines.filter(lambda line: line.strip(BLANK) != "")
    before = [0, *itertools.accumulate(rows.mapPartitions(counted).collect())]
    # A piped command has no environment but this.
    environment = {name: os.environ[name] for name in ("PATH", "ORT_DYLIB_PATH") if name in os.environ}
    answers = rows.pipe(command(arguments), environment, checkCode=True)
    numbers = answers.mapPartitionsWithIndex(lambda index, part: numbered(before[index], part))
    numbers.saveAsTextFile(arguments.answers)
    spark.stop()


if __name__ == "__main__":
    main()
