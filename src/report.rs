//! What the gate and the review found in the words of the services that show it beside the code:
//! annotations of GitHub Actions, a Code Quality report of GitLab, SARIF. What is found and where it
//! goes is left to others.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::place::Place;

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// docs.github.com, Workflow commands for GitHub Actions.
    Github,
    /// docs.gitlab.com, Code Quality, Code Quality report format.
    Gitlab,
    /// docs.oasis-open.org/sarif, version 2.1.0.
    Sarif,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Error,
    Warning,
    Note,
}

/// Who found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Stable: a rule's code.
    pub id: &'static str,
    /// In words with dashes.
    pub name: &'static str,
    pub summary: &'static str,
    /// Why it matters and what to do instead; may be empty.
    pub help: &'static str,
    pub link: Option<&'static str>,
}

/// The gate.
pub const GATE: Check =
    Check { id: "ops-migrate", name: "ops-migrate", summary: "Models and revisions agree", help: "", link: None };

/// Something to be shown at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    pub level: Level,
    /// Where; a file alone where its line is 0, nothing where its name is empty.
    pub place: Place,
    /// The line and the column behind its last character, where they are known.
    pub end: Option<(u32, u32)>,
    pub message: String,
    /// What it is about: the same for the same finding on another line.
    pub key: String,
}

/// The text of a report, without a final newline; empty for nothing to say.
pub fn report(service: Service, findings: &[Finding]) -> String {
    let pretty = |value: &Value| format!("{value:#}");
    match service {
        Service::Github => findings.iter().map(annotation).collect::<Vec<_>>().join("\n"),
        Service::Gitlab => pretty(&findings.iter().map(issue).collect()),
        Service::Sarif => pretty(&sarif(findings)),
    }
}

/// `::error file=…,line=…,title=…::message`, which is one line whatever is in it.
fn annotation(finding: &Finding) -> String {
    let value = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| value(text).replace(':', "%3A").replace(',', "%2C");
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = Vec::new();
    if !finding.place.file.is_empty() {
        properties.push(format!("file={}", property(&finding.place.file)));
        if finding.place.line > 0 {
            properties.push(format!("line={}", finding.place.line));
        }
        if let Some((line, _)) = finding.end {
            properties.push(format!("endLine={line}"));
        }
    }
    let title = if finding.check == GATE { GATE.name.to_owned() } else { finding.check.title() };
    properties.push(format!("title={}", property(&title)));
    format!("::{command} {}::{}", properties.join(","), value(&finding.message))
}

fn issue(finding: &Finding) -> Value {
    let fingerprint: String = Sha256::digest(finding.key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let severity = match finding.level {
        Level::Error => "major",
        Level::Warning | Level::Note => "info",
    };
    json!({
        "description": finding.message,
        "check_name": finding.check.name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": { "path": file(finding), "lines": { "begin": finding.place.line.max(1) } },
    })
}

fn sarif(findings: &[Finding]) -> Value {
    let mut checks: Vec<Check> = Vec::new();
    for finding in findings {
        if !checks.contains(&finding.check) {
            checks.push(finding.check);
        }
    }
    if checks.is_empty() {
        checks.push(GATE);
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-ops-migrate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": checks.iter().map(sarif_rule).collect::<Vec<_>>(),
            } },
            "results": findings.iter().map(sarif_result).collect::<Vec<_>>(),
        }],
    })
}

fn sarif_rule(check: &Check) -> Value {
    let mut rule = json!({ "id": check.id, "shortDescription": { "text": check.summary } });
    if check.name != check.id {
        rule["name"] = check.name.into();
    }
    if !check.help.is_empty() {
        rule["fullDescription"] = json!({ "text": check.help });
        rule["help"] = json!({ "text": check.help });
    }
    if let Some(link) = check.link {
        rule["helpUri"] = link.into();
    }
    rule
}

fn sarif_result(finding: &Finding) -> Value {
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let mut region = json!({ "startLine": finding.place.line.max(1) });
    if let Some((line, column)) = finding.end {
        region["startColumn"] = finding.place.column.max(1).into();
        region["endLine"] = line.into();
        region["endColumn"] = column.into();
    }
    json!({
        "ruleId": finding.check.id,
        "level": level,
        "message": { "text": finding.message },
        "partialFingerprints": { "ops-migrate/v1": finding.key },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file(finding)) },
            "region": region,
        } }],
    })
}

/// A path as a relative reference (RFC 3986, section 4.2).
fn uri(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/,:@".contains(&byte);
    path.bytes().map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

impl Check {
    fn title(&self) -> String {
        format!("{} {}", self.id, self.name)
    }
}

/// Both formats want some file.
fn file(finding: &Finding) -> &str {
    if finding.place.file.is_empty() { "Cargo.toml" } else { &finding.place.file }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Finding, GATE, Level, Service, report};
    use crate::place::Place;

    fn check(service: Service, expected: Expect) {
        let finding = |level, place, message: &str| Finding {
            check: GATE,
            level,
            place,
            end: None,
            message: message.to_owned(),
            key: "app column users.nick".to_owned(),
        };
        let findings = [
            finding(Level::Error, Place::new("src/a,b:c.rs", 5, 1), "users.nick added\n100 %"),
            finding(Level::Warning, Place::file(""), "two heads"),
        ];
        expected.assert_eq(&report(service, &findings));
    }

    #[test]
    fn as_annotations() {
        check(
            Service::Github,
            expect![[r"
                ::error file=src/a%2Cb%3Ac.rs,line=5,title=ops-migrate::users.nick added%0A100 %25
                ::warning title=ops-migrate::two heads"]],
        );
        assert_eq!(report(Service::Github, &[]), "");
    }

    #[test]
    fn as_code_quality() {
        check(
            Service::Gitlab,
            expect![[r#"
            [
              {
                "check_name": "ops-migrate",
                "description": "users.nick added\n100 %",
                "fingerprint": "9127b3a71f3331ef908893797ca0628ec12656bea4132c087af1cc1fd0569da5",
                "location": {
                  "lines": {
                    "begin": 5
                  },
                  "path": "src/a,b:c.rs"
                },
                "severity": "major"
              },
              {
                "check_name": "ops-migrate",
                "description": "two heads",
                "fingerprint": "9127b3a71f3331ef908893797ca0628ec12656bea4132c087af1cc1fd0569da5",
                "location": {
                  "lines": {
                    "begin": 1
                  },
                  "path": "Cargo.toml"
                },
                "severity": "info"
              }
            ]"#]],
        );
        assert_eq!(report(Service::Gitlab, &[]), "[]");
    }

    #[test]
    fn as_sarif() {
        check(
            Service::Sarif,
            expect![[r#"
            {
              "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
              "runs": [
                {
                  "results": [
                    {
                      "level": "error",
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "src/a,b:c.rs"
                            },
                            "region": {
                              "startLine": 5
                            }
                          }
                        }
                      ],
                      "message": {
                        "text": "users.nick added\n100 %"
                      },
                      "partialFingerprints": {
                        "ops-migrate/v1": "app column users.nick"
                      },
                      "ruleId": "ops-migrate"
                    },
                    {
                      "level": "warning",
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "Cargo.toml"
                            },
                            "region": {
                              "startLine": 1
                            }
                          }
                        }
                      ],
                      "message": {
                        "text": "two heads"
                      },
                      "partialFingerprints": {
                        "ops-migrate/v1": "app column users.nick"
                      },
                      "ruleId": "ops-migrate"
                    }
                  ],
                  "tool": {
                    "driver": {
                      "name": "cargo-ops-migrate",
                      "rules": [
                        {
                          "id": "ops-migrate",
                          "shortDescription": {
                            "text": "Models and revisions agree"
                          }
                        }
                      ],
                      "version": "0.1.0"
                    }
                  }
                }
              ],
              "version": "2.1.0"
            }"#]],
        );
    }
}
