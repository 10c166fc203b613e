//! SARIF 2.1.0 (docs.oasis-open.org/sarif), as code scanning reads it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Entry, details, findings, link};
use crate::review::{Finding, RULES, Rule, Severity};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log with one run; `base` is what paths are relative to, as code scanning names it.
pub fn sarif(entries: &[Entry]) -> Value {
    let used: BTreeSet<&str> = findings(entries).map(|finding| finding.code).collect();
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| used.contains(rule.code)).collect();
    let results: Vec<Value> = findings(entries)
        .filter_map(|finding| Some(result(finding, rules.iter().position(|rule| rule.code == finding.code)?)))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-ops-migrate",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_iter().map(descriptor).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    let mut value = json!({
        "id": rule.code,
        "name": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.help },
        "help": { "text": format!("{}\n\nInstead: {}.", rule.help, rule.safer) },
        "defaultConfiguration": { "level": level(rule.severity), "enabled": rule.severity != Severity::Off },
    });
    if let (Some(link), Some(object)) = (link(rule), value.as_object_mut()) {
        object.insert("helpUri".to_owned(), link.into());
    }
    value
}

fn result(finding: &Finding, rule: usize) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri(&finding.file) } });
    if let (1.., Some(object)) = (finding.line, place.as_object_mut()) {
        object.insert(
            "region".to_owned(),
            json!({
                "startLine": finding.line,
                "startColumn": finding.column,
                "endLine": finding.end_line,
                "endColumn": finding.end_column,
            }),
        );
    }
    json!({
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": { "text": details(finding) },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { "opsMigrate/v1": finding.fingerprint },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
        Severity::Off => "none",
    }
}

/// A path as a relative URI (RFC 3986).
fn uri(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
