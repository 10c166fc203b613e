//! What a project says about the rules, in `[package.metadata.ops-migrate.review]`: levels by rule and by
//! path, what makes the command fail, the server's version, the baseline.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Severity;
use super::rule::Rule;
use super::rules::{find, nearest};
use crate::error::{Error, Result};

/// The settings; everything is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Levels by id or code; `all` is every rule.
    #[serde(default)]
    pub rules: BTreeMap<String, Severity>,
    /// Levels for some files only; the last that fits holds.
    #[serde(default)]
    pub paths: Vec<PathRules>,
    /// The severity from which on the command ends with 1; `off`: never. `error` unless said.
    pub fail_on: Option<Severity>,
    /// PostgreSQL's major version in production.
    pub server_version: Option<u32>,
    /// Up to how many rows a table is small, where row counts are known.
    pub small_table: Option<u64>,
    /// A file of row counts, relative to the manifest; see [`super::Rows::parse`].
    pub stats: Option<String>,
    /// Columns that every new table has to have.
    #[serde(default)]
    pub required_columns: Vec<String>,
    /// The pattern that every new name has to fit, a regular expression; see the rule `name-pattern`.
    pub name_pattern: Option<String>,
    /// The file of findings that are known and left alone, relative to the manifest.
    pub baseline: Option<String>,
}

/// Levels for files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PathRules {
    /// Where `*` stands for anything: `migrations/2019*`.
    pub path: String,
    #[serde(default)]
    pub rules: BTreeMap<String, Severity>,
}

impl Settings {
    /// Whether every rule that is named exists.
    ///
    /// # Errors
    /// Where one does not, with the name that was meant most likely.
    pub fn check(&self) -> Result<()> {
        let names = self.rules.keys().chain(self.paths.iter().flat_map(|path| path.rules.keys()));
        for name in names {
            if name != "all" && find(name).is_none() {
                return Err(Error::undecided(format!("[metadata.ops-migrate.review]: there is no rule `{name}`"))
                    .hint(format!("did you mean `{}`? `cargo ops-migrate review --rules` lists them", nearest(name))));
            }
        }
        self.name_pattern().map(|_| ())
    }

    /// What every new name has to look like.
    ///
    /// # Errors
    /// Where it is no regular expression.
    pub fn name_pattern(&self) -> Result<Option<regex::Regex>> {
        let compiled = self.name_pattern.as_deref().map(regex::Regex::new).transpose();
        compiled.map_err(|error| {
            Error::undecided(format!("[metadata.ops-migrate.review]: name-pattern is no regular expression: {error}"))
                .hint("a pattern as the crate regex has it: name-pattern = \"^[a-z][a-z0-9_]*$\"")
        })
    }

    /// How much a rule matters in a file.
    pub fn level(&self, rule: &Rule, file: &str) -> Severity {
        let by_path = self.paths.iter().rev().filter(|path| fits(&path.path, file)).find_map(|p| named(&p.rules, rule));
        // Who gives a pattern wants it held.
        let asked = || (rule.id == "name-pattern" && self.name_pattern.is_some()).then_some(Severity::Warn);
        by_path.or_else(|| named(&self.rules, rule)).or_else(asked).unwrap_or(rule.severity)
    }

    /// Whether a finding of that severity makes the command fail.
    pub fn fails(&self, severity: Severity) -> bool {
        match self.fail_on.unwrap_or(Severity::Error) {
            Severity::Off => false,
            least => severity >= least,
        }
    }
}

/// The level under the rule's own name, before that of all.
fn named(levels: &BTreeMap<String, Severity>, rule: &Rule) -> Option<Severity> {
    let own = levels.iter().find(|(name, _)| find(name).is_some_and(|found| found.code == rule.code));
    own.map(|(_, level)| *level).or_else(|| levels.get("all").copied())
}

/// Whether a path fits a pattern with `*`; a pattern also fits what lies below it.
fn fits(pattern: &str, path: &str) -> bool {
    fn rest(mut parts: std::str::Split<'_, char>, path: &str) -> bool {
        match parts.next() {
            None => path.is_empty() || path.starts_with('/'),
            Some("") if parts.clone().next().is_none() => true,
            Some(part) => path.match_indices(part).any(|(at, _)| rest(parts.clone(), &path[at + part.len()..])),
        }
    }
    let mut parts = pattern.trim_end_matches('/').split('*');
    let first = parts.next().unwrap_or_default();
    path.strip_prefix(first).is_some_and(|path| rest(parts, path))
}

#[cfg(test)]
mod tests {
    use super::{Settings, fits};
    use crate::review::{Severity, find};

    #[test]
    fn the_nearest_word_about_a_rule_holds() {
        let settings: Settings = toml::from_str(
            "fail-on = \"warn\"\n[rules]\nall = \"off\"\ndata-loss = \"error\"\nOM101 = \"info\"\n
             [[paths]]\npath = \"migrations/2019*\"\nrules = { data-loss = \"off\" }\n",
        )
        .unwrap();
        settings.check().unwrap();
        let level = |rule: &str, file: &str| settings.level(find(rule).unwrap(), file);
        assert_eq!(level("data-loss", "migrations/2020_a/up.sql"), Severity::Error);
        assert_eq!(level("data-loss", "migrations/2019_a/up.sql"), Severity::Off);
        assert_eq!(level("index-not-concurrent", "migrations/2019_a/up.sql"), Severity::Info);
        assert_eq!(level("missing-down", "migrations/2020_a/up.sql"), Severity::Off);
        assert!(settings.fails(Severity::Warn) && !settings.fails(Severity::Info));
    }

    #[test]
    fn an_unknown_rule_is_an_error_with_the_nearest_name() {
        let settings: Settings = toml::from_str("[rules]\ndata-los = \"off\"").unwrap();
        let error = settings.check().unwrap_err();
        assert_eq!(
            format!("{error:?}"),
            "[metadata.ops-migrate.review]: there is no rule `data-los` (Undecided; hints: [\"did you mean `data-loss`? `cargo ops-migrate review --rules` lists them\"])"
        );
    }

    #[test]
    fn a_pattern_of_names_is_held() {
        let level = |text: &str| {
            let settings: Settings = toml::from_str(text).unwrap();
            settings
                .check()
                .map(|()| settings.level(find("name-pattern").unwrap(), "up.sql"))
                .map_err(|e| e.to_string())
        };
        assert_eq!(level(""), Ok(Severity::Off));
        assert_eq!(level("name-pattern = \"^a\""), Ok(Severity::Warn));
        assert_eq!(level("name-pattern = \"^a\"\n[rules]\nname-pattern = \"error\""), Ok(Severity::Error));
        assert!(level("name-pattern = \"(\"").unwrap_err().contains("no regular expression"));
    }

    #[test]
    fn patterns_fit_paths() {
        let cases = [
            ("migrations/2019*", "migrations/2019-01_a/up.sql", true),
            ("*/down.sql", "migrations/1_a/down.sql", true),
            ("migrations/1_a", "migrations/1_a/up.sql", true),
            ("migrations/1", "migrations/1_a/up.sql", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b", "axxbyy", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }
}
