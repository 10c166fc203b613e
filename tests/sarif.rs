//! What `--format sarif` prints, against the schema of SARIF 2.1.0 (`sarif/sarif-schema-2.1.0.json`, as OASIS
//! publishes it). The validator knows the words of JSON Schema that this schema uses, and refuses others.

use serde_json::Value;

use crate::common::Sandbox;

const SCHEMA: &str = include_str!("sarif/sarif-schema-2.1.0.json");

/// Words that say nothing about the value.
const SILENT: [&str; 9] =
    ["$schema", "$id", "title", "id", "description", "default", "definitions", "format", "additionalProperties"];

struct Validator {
    root: Value,
    wrong: Vec<String>,
}

impl Validator {
    fn value(&mut self, value: &Value, schema: &Value, at: &str) {
        for (word, says) in schema.as_object().expect("a schema is an object") {
            match word.as_str() {
                "$ref" => {
                    let path = says.as_str().and_then(|path| path.strip_prefix('#')).expect("a reference within");
                    let target = self.root.pointer(path).expect("its target").clone();
                    self.value(value, &target, at);
                }
                "type" if !is_of(value, says) => self.wrong.push(format!("{at} is no {says}")),
                "enum" if !says.as_array().expect("a list").contains(value) => {
                    self.wrong.push(format!("{at} is {value}, which is none of {says}"));
                }
                "required" => {
                    for key in says.as_array().expect("a list").iter().filter_map(Value::as_str) {
                        if value.is_object() && value.get(key).is_none() {
                            self.wrong.push(format!("{at} lacks {key}"));
                        }
                    }
                }
                "properties" => self.members(value, schema, at),
                "items" => {
                    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(item, says, &format!("{at}/{n}"));
                    }
                }
                "minItems" if value.as_array().is_some_and(|all| (all.len() as u64) < says.as_u64().unwrap_or(0)) => {
                    self.wrong.push(format!("{at} has too few items"));
                }
                "uniqueItems" => {
                    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    if (1..all.len()).any(|n| all[..n].contains(&all[n])) {
                        self.wrong.push(format!("{at} repeats itself"));
                    }
                }
                "minimum" if value.as_f64().is_some_and(|n| n < says.as_f64().unwrap_or(f64::MIN)) => {
                    self.wrong.push(format!("{at} is less than {says}"));
                }
                "maximum" if value.as_f64().is_some_and(|n| n > says.as_f64().unwrap_or(f64::MAX)) => {
                    self.wrong.push(format!("{at} is more than {says}"));
                }
                "pattern" => {
                    let pattern = regex::Regex::new(says.as_str().expect("a pattern")).expect("a regular expression");
                    if value.as_str().is_some_and(|text| !pattern.is_match(text)) {
                        self.wrong.push(format!("{at} does not fit {says}"));
                    }
                }
                "anyOf" | "oneOf" => {
                    let fits = says.as_array().expect("a list").iter().any(|one| {
                        let mut inner = Self { root: self.root.clone(), wrong: Vec::new() };
                        inner.value(value, one, at);
                        inner.wrong.is_empty()
                    });
                    if !fits {
                        self.wrong.push(format!("{at} fits none of {word}"));
                    }
                }
                "type" | "enum" | "minItems" | "minimum" | "maximum" => {}
                silent if SILENT.contains(&silent) => {}
                strange => panic!("the schema says {strange}, which this validator does not know"),
            }
        }
    }

    fn members(&mut self, value: &Value, schema: &Value, at: &str) {
        for (key, member) in value.as_object().into_iter().flatten() {
            match (&schema["properties"][key], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => self.wrong.push(format!("{at}/{key} is not known")),
                (Value::Null, more) if more.is_object() => self.value(member, more, &format!("{at}/{key}")),
                (Value::Null, _) => {}
                (known, _) => self.value(member, known, &format!("{at}/{key}")),
            }
        }
    }
}

fn is_of(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("null") => value.is_null(),
        _ => name.as_array().is_some_and(|names| names.iter().any(|name| is_of(value, name))),
    }
}

fn wrong(report: &Value) -> Vec<String> {
    let root: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut validator = Validator { root: root.clone(), wrong: Vec::new() };
    validator.value(report, &root, "");
    validator.wrong
}

#[test]
fn reports_are_valid() {
    let sandbox = Sandbox::with_chain();
    sandbox.revision(
        "2024-04-01-000000_a b",
        "ALTER TABLE users ADD COLUMN age INTEGER NOT NULL;\nDROP TABLE posts;\n",
        "SELECT 1;\n",
    );
    for args in [["review", "--format", "sarif"], ["check", "--format", "sarif"]] {
        let report = sandbox.run(args).json();
        assert_eq!(wrong(&report), [""; 0], "{report:#}");
    }
    assert!(sandbox.run(["review", "--format", "sarif"]).json()["runs"][0]["results"].as_array().unwrap().len() > 3);
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let mut report = Sandbox::with_chain().run(["check", "--format", "sarif"]).json();
    report["version"] = "2.0".into();
    report["runs"][0]["tool"]["driver"].as_object_mut().unwrap().remove("name");
    report["runs"][0]["results"] = serde_json::json!([{ "message": { "text": 1 }, "level": "bad", "odd": true }]);
    let found = wrong(&report).join("\n");
    for part in ["/version is", "driver lacks name", "text is no", "level is", "odd is not known"] {
        assert!(found.contains(part), "{part}: {found}");
    }
}
