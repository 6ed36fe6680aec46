//! All keys of experiments and studies, as their types and doc comments say.

use std::fmt::Write;

use nets::layer::LayerSpec;
use nets::network::Family;
use schemars::JsonSchema;
use serde_json::Value;

use super::ExperimentFile;

/// One key of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key with those of the tables that it stands in, as in `recipe.adam.beta1`.
    pub path: String,
    /// What may stand there.
    pub values: String,
    /// What holds where it is left out; nothing where it must be there.
    pub default: Option<String>,
    /// What a number counts.
    pub unit: Option<String>,
    /// What it means.
    pub meaning: String,
    /// Whether another key stands below it.
    pub is_table: bool,
}

/// All keys of an experiment's file.
pub fn of_experiments() -> Vec<Key> {
    let mut keys = of::<ExperimentFile>();
    let like = keys.iter().find(|key| key.path == "like").cloned();
    let recipe = keys.iter().position(|key| key.path == "recipe").map_or(keys.len(), |position| position + 1);
    keys.splice(
        recipe..recipe,
        like.map(|like| Key { path: "recipe.like".to_owned(), meaning: RECIPE_LIKE.to_owned(), ..like }),
    );
    keys
}

const RECIPE_LIKE: &str = "The experiment whose recipe is taken where this one says nothing else.";

/// All keys of a type that is read from a file.
pub fn of<T: JsonSchema>() -> Vec<Key> {
    let schema = schemars::schema_for!(T).to_value();
    let mut walk = Walk::of(&schema);
    walk.table("", &schema);
    walk.keys
}

/// The paths of those keys of an experiment that are called `name`, or whose name `name` begins with.
pub(super) fn called(name: &str) -> Vec<String> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let keys = of_experiments();
    let paths = |is_meant: &dyn Fn(&str) -> bool| {
        let mut found: Vec<String> =
            keys.iter().map(|key| key.path.clone()).filter(|path| is_meant(&last(path))).collect();
        found.dedup();
        found.truncate(MOST_NAMED);
        found
    };
    let same = paths(&|last| last == name);
    if same.is_empty() {
        paths(&|last| name.strip_prefix(last).is_some_and(|rest| rest.starts_with('_')))
    } else {
        same
    }
}

/// So many keys are named where several are called alike.
const MOST_NAMED: usize = 3;

/// Keys under one heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// A sentence below it.
    pub about: String,
    /// The keys.
    pub keys: Vec<Key>,
}

/// The keys of an experiment's file, the network's by its family.
pub fn sections() -> Vec<Section> {
    let (recipe, rest): (Vec<Key>, Vec<Key>) =
        of_experiments().into_iter().partition(|key| stands_in(&key.path, "recipe"));
    let rest = rest.into_iter().filter(|key| !key.path.starts_with("network.")).collect();
    let section = |title: &str, about: &str, keys| Section { title: title.to_owned(), about: about.to_owned(), keys };
    let mut sections = vec![section("Experiments", EXPERIMENTS, rest), section("Recipe", RECIPE, recipe)];
    sections.extend(families());
    sections.push(section("Layers", LAYERS_ABOUT, of::<LayerSpec>()));
    sections
}

/// A section for each family of networks.
fn families() -> Vec<Section> {
    let schema = schemars::schema_for!(Family).to_value();
    let section = |variant: &Value| {
        let mut walk = Walk::of(&schema);
        walk.table("network", variant);
        let about = variant.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
        Section { title: format!("network.family = {}", walk.words(variant).concat()), about, keys: walk.keys }
    };
    list(&schema, "oneOf").map(section).collect()
}

/// Sections as Markdown.
pub fn page(sections: &[Section]) -> String {
    let mut page = HEADING.to_owned();
    for Section { title, about, keys } in sections {
        write!(page, "\n## {title}\n\n{about}\n").expect("a String takes everything");
        if !keys.is_empty() {
            write!(page, "\n{}", table(keys)).expect("a String takes everything");
        }
    }
    page
}

fn stands_in(path: &str, table: &str) -> bool {
    path.strip_prefix(table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

const HEADING: &str = "\
# All keys of experiments and studies

Written by `trainer experiments --keys > docs/training-keys.md` from the types that the files are read into.
A key that is not listed is refused, and so is one that would have no effect (one exception: `network.digit_head`).
";

const EXPERIMENTS: &str = "\
`experiments/trainings/NAME.toml` declares one training. `trainer train NAME`, or a path that ends in `.toml`, trains it; \
`--set recipe.epochs=60` changes one setting. `recipe` and `network` have sections of their own.";

const RECIPE: &str =
    "The table `recipe` of an experiment; in a study's cell, what is different from the recipe that it is like.";

const LAYERS_ABOUT: &str = "\
Entries of `network.tower`, `network.digit_head` and the lists of `network.leq_head`, as in \
`{ conv = { channels = 32, kernel = 5, activation = \"relu\" } }`, or one of the words `\"flatten\"` and `\"global_mean\"`. \
`residual` has a list of such entries itself.";

/// Rows of a Markdown table.
pub fn table(keys: &[Key]) -> String {
    let mut page = "| key | values | default | unit | meaning |\n|---|---|---|---|---|\n".to_owned();
    for Key { path, values, default, unit, meaning, .. } in keys {
        let default = default.as_ref().map_or("required".to_owned(), |default| default.clone());
        let unit = unit.as_deref().unwrap_or_default();
        let cells = [&format!("`{path}`"), values, &default, unit, meaning].map(|cell| cell.replace('|', "\\|"));
        writeln!(page, "| {} |", cells.join(" | ")).expect("a String takes everything");
    }
    page
}

struct Walk<'a> {
    /// The whole schema, which a type that holds itself refers to.
    root: &'a Value,
    definitions: &'a Value,
    keys: Vec<Key>,
}

impl<'a> Walk<'a> {
    fn of(root: &'a Value) -> Self {
        Self { root, definitions: root.get("$defs").unwrap_or(&Value::Null), keys: Vec::new() }
    }

    /// Notes the keys of a table, or of all variants of one.
    fn table(&mut self, path: &str, schema: &'a Value) {
        let schema = self.resolved(schema);
        let required: Vec<&str> = list(schema, "required").filter_map(Value::as_str).collect();
        for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if inner.get("const").is_none() {
                let described = schema.get("description").and_then(Value::as_str);
                self.key(&join(path, name), inner, required.contains(&name.as_str()), described);
            }
        }
        if let Some(Value::String(_)) = schema.get("$ref") {
            let target = self.definition(schema);
            self.table(path, target);
        }
        for variant in self.variants(schema) {
            self.table(path, variant);
        }
    }

    /// Notes one key. `described` is what its table says, which stands for a variant that is a table of one key.
    fn key(&mut self, path: &str, schema: &'a Value, required: bool, described: Option<&str>) {
        let kind = self.resolved(schema);
        let text = |key: &str| schema.get(key).or_else(|| kind.get(key)).and_then(Value::as_str);
        let default = schema.get("default").map(written);
        let is_table = self.is_table(kind);
        let key = Key {
            path: path.to_owned(),
            values: self.values(kind),
            default: if required {
                None
            } else {
                default.filter(|default| default != "none" || !is_table).or(Some("none".to_owned()))
            },
            unit: text("unit").map(str::to_owned),
            meaning: text("description")
                .or(described)
                .unwrap_or_default()
                .replace('\n', " ")
                .replace("[`", "`")
                .replace("`]", "`"),
            is_table,
        };
        self.keys.push(key);
        if is_table {
            self.table(path, schema);
        } else if let Some(entries) = kind.get("items").filter(|entries| self.is_table(self.resolved(entries)))
            && !path.ends_with("layers")
            && !LAYERS.contains(&path)
        {
            self.table(path, entries);
        }
    }

    fn is_table(&self, schema: &Value) -> bool {
        schema.get("properties").is_some()
            || self.variants(schema).iter().any(|variant| self.is_table(self.resolved(variant)))
    }

    /// What may stand in the place of `schema`, in words.
    fn values(&self, schema: &'a Value) -> String {
        let variants = self.variants(schema);
        if !variants.is_empty() {
            let mut words: Vec<String> = variants.iter().flat_map(|variant| self.words(variant)).collect();
            words.dedup();
            return words.join(", ");
        }
        match (schema.get("type").and_then(Value::as_str), schema.get("items")) {
            (Some("array"), Some(items)) => {
                let items = self.values(self.resolved(items));
                match schema.get("minItems") {
                    Some(count) => format!("{count} times: {items}"),
                    None => format!("list: {items}"),
                }
            }
            (Some("object"), _) => "table".to_owned(),
            (Some("boolean"), _) => "true, false".to_owned(),
            (Some("integer"), _) => "integer".to_owned(),
            (Some(other), _) => other.to_owned(),
            _ => self.types(schema),
        }
    }

    fn types(&self, schema: &'a Value) -> String {
        let types: Vec<&str> = list(schema, "type").filter_map(Value::as_str).filter(|kind| *kind != "null").collect();
        types.join(", ")
    }

    /// The words of a variant: those that it is written as, or its only key with a table, or the tag of its family.
    fn words(&self, variant: &'a Value) -> Vec<String> {
        if let Some(word) = variant.get("const") {
            return vec![written(word)];
        }
        let words: Vec<String> = list(variant, "enum").map(written).collect();
        if !words.is_empty() {
            return words;
        }
        let properties = variant.get("properties").and_then(Value::as_object);
        let tag = properties.and_then(|keys| keys.values().find_map(|key| key.get("const")));
        match (tag, properties.and_then(|keys| keys.keys().next())) {
            (Some(tag), _) => vec![written(tag)],
            (None, Some(key)) => vec![format!("{key} = table")],
            _ => vec![self.values(self.resolved(variant))],
        }
    }

    /// The schema itself, or the only one that it refers to.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let variants: Vec<&Value> = self.variants(schema);
        match variants.as_slice() {
            [only] if schema.get("properties").is_none() => self.resolved(only),
            _ if schema.get("$ref").is_some() && schema.get("properties").is_none() => {
                self.resolved(self.definition(schema))
            }
            _ => schema,
        }
    }

    fn definition(&self, schema: &'a Value) -> &'a Value {
        let path = schema.get("$ref").and_then(Value::as_str);
        if path == Some("#") {
            return self.root;
        }
        let name = path.and_then(|path| path.strip_prefix("#/$defs/"));
        name.and_then(|name| self.definitions.get(name)).unwrap_or(&Value::Null)
    }

    /// What a schema may be, null left out.
    fn variants(&self, schema: &'a Value) -> Vec<&'a Value> {
        let all = list(schema, "oneOf").chain(list(schema, "anyOf"));
        all.filter(|variant| variant.get("type").and_then(Value::as_str) != Some("null")).collect()
    }
}

/// Lists of layers, whose keys are listed once.
const LAYERS: [&str; 2] = ["network.tower", "network.digit_head"];

fn list<'a>(schema: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    schema.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A value as a file writes it; numbers that came from `f32` in their own digits.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && f64::from(float as f32) == float => format!("{:?}", float as f32),
            _ => number.to_string(),
        },
        Value::Array(entries) => format!("[{}]", entries.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => "as below".to_owned(),
        other => other.to_string(),
    }
}
