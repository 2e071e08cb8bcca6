#!/usr/bin/env bash
# Lets the programs that exports are meant for read them: markdownlint, log4brains, adr-tools, Mermaid's own parser,
# html-validate, Ajv, and Chromium where it is installed. Needs Node.js 20 with npm; everything it makes is in the
# directory WORK (a temporary one without).
#
#     PYTHON=.venv/bin/python tests/readers/check_exports.sh [WORK]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$(command -v "${PYTHON:-python3}")
work=${1:-$(mktemp -d)}
mkdir -p "$work/records" "$work/log4brains/docs/adr" "$work/adr-tools/doc/adr"
python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python")

(cd "$root" && "$python" -m tests.records.write_examples "$work/records")
cp "$here"/package.json "$here"/*.js "$here"/.markdownlint-cli2.jsonc "$here"/.htmlvalidate.json "$work"
cd "$work"
[ -d node_modules/mermaid ] || npm install --no-fund --no-audit --loglevel=error
bin=$work/node_modules/.bin

echo "== markdownlint"
(cd records && "$bin/markdownlint-cli2" --config ../.markdownlint-cli2.jsonc "*.md")

echo "== Mermaid"
node parse_mermaid.js records/*.md

echo "== html-validate"
"$bin/html-validate" records/*.html

echo "== JSON Schema"
node validate_json.js "$root"/advisor/records/schemas/decision_record.*.schema.json $(ls records/*.json | grep -v '\.prov\.')

echo "== log4brains"
cd "$work/log4brains"
[ -d .git ] || git init -q .
printf 'project:\n  name: example\n  tz: Etc/UTC\n  adrFolder: ./docs/adr\n' > .log4brains.yml
number=0
for record in ../records/*.log4brains.md; do
  number=$((number + 1))
  cp "$record" "docs/adr/$(printf '202611%02d' "$number")-record.md"
done
git add docs && git -c user.name=reader -c user.email=reader@host.example commit -qm records --allow-empty
[ "$("$bin/log4brains" adr list --raw | grep -c ',PROPOSED,,PyTorch or TensorFlow')" = "$number" ]
"$bin/log4brains" build --out "$work/log4brains/site" > "$work/log4brains.log"
echo "$number records listed as proposed, site built"

echo "== adr-tools"
cd "$work/adr-tools"
echo '{"language": "en", "path": "doc/adr/", "prefix": "", "digits": 4}' > .adr.json
cp ../records/example.adr.md doc/adr/0001-framework.md
"$bin/adr-tools" list > list.txt
grep -q "1.PyTorch or TensorFlow.*Proposed" list.txt
"$bin/adr-tools" generate toc
grep -q "0001-framework.md" doc/adr/README.md
echo "listed as proposed, table of contents made"

if browser=$(command -v chromium || command -v google-chrome); then
  echo "== Chromium: look at $work/light.png, dark.png and print.pdf"
  options=(--headless=new --no-sandbox --disable-gpu --hide-scrollbars "--user-data-dir=$work/browser")
  page=file://$work/records/example.html
  "$browser" "${options[@]}" --window-size=1200,3000 "--screenshot=$work/light.png" "$page" 2>/dev/null
  "$browser" "${options[@]}" --window-size=1200,3000 --blink-settings=preferredColorScheme=0 \
    "--screenshot=$work/dark.png" "$page" 2>/dev/null
  "$browser" "${options[@]}" --no-pdf-header-footer "--print-to-pdf=$work/print.pdf" "$page" 2>/dev/null
  ls "$work/light.png" "$work/dark.png" "$work/print.pdf"
fi
