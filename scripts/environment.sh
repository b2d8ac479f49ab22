# Sourced by docs, quickstart and test: `prepare NAME REQUIREMENT...` makes .venv if there is none and installs into it.

prepare() {
    local name=$1
    shift
    if [ ! -x .venv/bin/python ]; then
        local python
        python=$(find_python) || return 1
        echo "Making .venv with $("$python" --version)"
        "$python" -m venv .venv || return 1
    fi
    # What is installed already is left alone, until the project asks for something else.
    local wanted stamp=.venv/installed-$name
    wanted=$(cat pyproject.toml scripts/constraints.txt | cksum)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    echo "Installing into .venv what pip does not find there yet:"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' || return 1
    .venv/bin/python -m pip install --disable-pip-version-check --progress-bar off \
        --constraint scripts/constraints.txt "$@" | account || return 1
    echo "$wanted" >"$stamp"
    echo "Installed: .venv holds $(du -sh .venv | cut -f1)"
}

find_python() {
    local python
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    echo "Synergos needs Python 3.11 or later, and no such python3 is on the PATH." >&2
    return 1
}

# Of what pip says, what it downloads and how large that is.
account() {
    sed -u -n -E \
        -e 's/^ *Downloading ([^ ]+\/)?([^ ]+) (\(.*\))$/  downloads \2 \3/p' \
        -e 's/^ *(Using cached|Processing) ([^ ]+\/)?([^ ]+\.whl).*$/  has \3/p' \
        -e 's/^Installing collected packages:.*/  installs them/p'
}
