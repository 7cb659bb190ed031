"""Does the steps that come as JSON on the standard input, by boto3 or by the AWS CLI's own code, and prints what came of each."""
import contextlib
import io
import json
import os
import sys

from botocore import xform_name

task = json.load(sys.stdin)
kept = {}


def fill(value):
    if isinstance(value, str) and value.startswith("$"):
        return kept.get(value[1:], value)
    if isinstance(value, dict):
        return {name: fill(one) for name, one in value.items()}
    if isinstance(value, list):
        return [fill(one) for one in value]
    return value


def at(value, path):
    for part in path.split("."):
        if isinstance(value, list):
            value = len(value) if part == "length" else value[int(part)]
        else:
            value = (value or {}).get(part)
    return value


def by_boto():
    import boto3
    from botocore.exceptions import ClientError

    client = boto3.client("cognito-idp", region_name="eu-west-1", endpoint_url=task["endpoint"])

    def call(operation, given):
        try:
            return getattr(client, xform_name(operation))(**given)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return status if status >= 500 else error.response["Error"]["Code"]

    return call


def by_cli():
    from awscli.clidriver import create_clidriver

    def call(operation, given):
        out, err = io.StringIO(), io.StringIO()
        name = xform_name(operation, "-")
        general = ["--endpoint-url", task["endpoint"], "--region", "eu-west-1", "--output", "json"]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = create_clidriver().main(["cognito-idp", name, *general, "--cli-input-json", json.dumps(given)])
        if code == 0:
            return json.loads(out.getvalue() or "{}")
        text = err.getvalue()
        return text.split("(", 1)[1].split(")", 1)[0] if "(" in text else text

    return call


call = by_cli() if task["client"] == "cli" else by_boto()
results = []
for step in task["steps"]:
    answer = call(step["operation"], fill(step["input"]))
    if not isinstance(answer, dict):
        results.append(answer)
        continue
    for name, path in step.get("keep", {}).items():
        kept[name] = at(answer, path)
    results.append(at(answer, step["path"]) if "path" in step else "ok")
json.dump(results, sys.stdout)
