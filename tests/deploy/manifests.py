#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The manifests for Kubernetes, as kustomize makes them, held against the API's own schema: the models
that the Python client is generated with know each field, its type, and whether it must be there.

    manifests.py KUBECTL
"""
import copy
import pathlib
import re
import subprocess
import sys

try:
    import yaml
    from kubernetes import client
except ImportError as missing:
    print(f"Skipped: {missing}")
    sys.exit(77)

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "tools/kubernetes"
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object, "datetime": str}


def built(value, kind, where):
    """The client's object of this type. A ValueError names the field that is wrong."""
    if inner := re.fullmatch(r"list\[(.*)\]", kind):
        if not isinstance(value, list):
            raise ValueError(f"{where} is no list")
        return [built(one, inner[1], f"{where}[{i}]") for i, one in enumerate(value)]
    if inner := re.fullmatch(r"dict\(str, (.*)\)", kind):
        if not isinstance(value, dict):
            raise ValueError(f"{where} is no map")
        return {key: built(one, inner[1], f"{where}.{key}") for key, one in value.items()}
    if kind in PLAIN:
        if not isinstance(value, PLAIN[kind]) or (kind == "int" and isinstance(value, bool)):
            raise ValueError(f"{where} is no {kind}")
        return value
    model = getattr(client, kind)
    if not isinstance(value, dict):
        raise ValueError(f"{where} is no map")
    names = {field: name for name, field in model.attribute_map.items()}
    parts = {}
    for field, one in value.items():
        if field not in names:
            raise ValueError(f"{where}.{field}: there is no such field")
        parts[names[field]] = built(one, model.openapi_types[names[field]], f"{where}.{field}")
    try:
        return model(**parts)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def check(document):
    """Raises a ValueError where the API would not take it."""
    group, _, version = document["apiVersion"].rpartition("/")
    group = "".join(part.capitalize() for part in group.removesuffix(".k8s.io").split(".")) or "Core"
    api = getattr(client, f"{group}{version.capitalize()}Api", None)
    kind = document["kind"]
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    if not any(hasattr(api, f"create_{scope}{snake}") for scope in ("", "namespaced_")):
        raise ValueError(f"{document['apiVersion']} has no {kind}")
    return built(document, f"{version.capitalize()}{kind}", kind)


def rendered(kubectl, folder):
    said = subprocess.run([kubectl, "kustomize", SOURCE / folder], check=True, capture_output=True, text=True)
    documents = list(yaml.safe_load_all(said.stdout))
    for document in documents:
        check(document)
    return {document["kind"]: document for document in documents}


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what} is {found}, and not {wanted}")


def must_fail(document, path, value):
    """With this put into it, it is not taken."""
    damaged = copy.deepcopy(document)
    place = damaged
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    try:
        check(damaged)
    except ValueError as error:
        print(f"as it should be, refused: {error}")
        return
    raise SystemExit(f"{path} = {value} was not noticed")


def names(all_of_them):
    return [one["name"] for one in all_of_them]


def check_mounts(pod):
    volumes = names(pod["volumes"])
    for container in pod.get("initContainers", []) + pod["containers"]:
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in volumes:
                raise SystemExit(f"{container['name']} mounts {mount['name']}, which there is not")


def check_node(all_of_them):
    daemons = all_of_them["DaemonSet"]
    template = daemons["spec"]["template"]
    pod = template["spec"]
    check_mounts(pod)
    expect("its namespace", daemons["metadata"]["namespace"], all_of_them["Namespace"]["metadata"]["name"])
    expect("its selector", daemons["spec"]["selector"]["matchLabels"], template["metadata"]["labels"])
    expect("its account", pod["serviceAccountName"], all_of_them["ServiceAccount"]["metadata"]["name"])
    expect("what it may", all_of_them["ClusterRole"]["rules"],
           [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]}])
    binding = all_of_them["ClusterRoleBinding"]
    expect("whose role", binding["roleRef"]["name"], all_of_them["ClusterRole"]["metadata"]["name"])
    expect("who may", [(one["name"], one["namespace"]) for one in binding["subjects"]],
           [(pod["serviceAccountName"], daemons["metadata"]["namespace"])])
    expect("the configuration", [one["configMap"]["name"] for one in pod["volumes"] if "configMap" in one],
           [all_of_them["ConfigMap"]["metadata"]["name"]])
    for container in pod["containers"]:
        safe = container["securityContext"]
        added = safe["capabilities"].get("add", [])
        expect("what is dropped", safe["capabilities"]["drop"], ["ALL"])
        expect("allowPrivilegeEscalation", safe["allowPrivilegeEscalation"], False)
        expect("readOnlyRootFilesystem", safe["readOnlyRootFilesystem"], True)
        has_token = "token" in names(container["volumeMounts"])
        if bool(added) == has_token:
            raise SystemExit(f"{container['name']}: a token or capabilities, one of them")
    path = ["spec", "template", "spec"]
    must_fail(daemons, path + ["hostPid"], True)
    must_fail(daemons, path + ["hostPID"], "true")
    must_fail(daemons, path + ["containers", 0, "securityContext", "capabilities", "add"], "BPF")
    must_fail(daemons, path + ["containers", 0, "name"], None)
    must_fail(daemons, ["spec", "selector"], None)
    must_fail(daemons, ["apiVersion"], "extensions/v1")
    must_fail(all_of_them["ClusterRoleBinding"], ["roleRef"], None)


def check_init_container(all_of_them):
    pod = all_of_them["Deployment"]["spec"]["template"]["spec"]
    check_mounts(pod)
    app = pod["containers"][0]
    expect("the containers", names(pod["containers"]), ["app"])
    expect("its image", app["image"], "localhost/app:1")
    expect("its variables", sorted(names(app["env"])), ["LD_PRELOAD", "PORT", "SOCKOPT_CONFIG"])
    expect("the init container", pod["initContainers"][0]["args"], ["export", "/volume"])
    expect("the configuration", [one["configMap"]["name"] for one in pod["volumes"] if "configMap" in one],
           [all_of_them["ConfigMap"]["metadata"]["name"]])


def check_versions():
    """What names a version of the image or of the packages, in each place the one that this is."""
    root = SOURCE.parents[1]
    version = re.search(r"^ *VERSION (\d+\.\d+\.\d+)$", (root / "CMakeLists.txt").read_text(), re.M)[1]
    files = [root / "man/sockopt-containers.7", root / "tools/ansible/README.md", *SOURCE.rglob("*.yaml")]
    for path in files:
        for found in re.findall(r"sockopt[:_-](\d+\.\d+\.\d+)", path.read_text()):
            expect(f"the version in {path}", found, version)


def main():
    check_versions()
    kubectl = sys.argv[1]
    if not pathlib.Path(kubectl).exists():
        print(f"Skipped: there is no {kubectl}, which tools/test.sh unpacks")
        sys.exit(77)
    check_node(rendered(kubectl, "node"))
    check_init_container(rendered(kubectl, "init-container"))


main()
