//! Comments that keep a rule silent: our own, which need a reason, and those that other reviewers of
//! migrations have taught people to write (squawk, diesel-guard, strong_migrations).

use super::finding::{Found, Severity};
use super::rule::Report;
use super::rules::{find, nearest};
use super::step::Step;

/// A comment of ours or of another tool.
struct Allow {
    /// Where the comment stands, in bytes.
    at: (usize, usize),
    /// The part of the script that it speaks of.
    scope: (usize, usize),
    /// The rule's id; `None`: every rule.
    rule: Option<&'static str>,
    /// Whether it is ours, and so has to be of use.
    is_ours: bool,
    used: bool,
}

/// Takes the findings away that comments allow, and reports the comments that are wrong or idle.
/// `is_on` tells whether a rule was asked at all.
pub(super) fn apply(
    file: &str,
    text: &str,
    steps: &[Step],
    findings: &mut Vec<Found>,
    is_on: &dyn Fn(&str) -> bool,
) -> Vec<Report> {
    let (mut allows, mut reports) = all(file, text, steps);
    findings.retain(|Found { finding, range, .. }| {
        if finding.file != file {
            return true;
        }
        let covers = |allow: &&mut Allow| {
            let inside = match range {
                Some((start, _)) => allow.scope.0 <= *start && *start < allow.scope.1,
                None => allow.is_ours || allow.scope == (0, text.len()),
            };
            inside && allow.rule.is_none_or(|rule| rule == finding.rule)
        };
        match allows.iter_mut().find(covers) {
            Some(allow) => {
                allow.used = true;
                false
            }
            None => true,
        }
    });
    for allow in allows.iter().filter(|allow| allow.is_ours && !allow.used) {
        let Some(rule) = allow.rule.filter(|rule| is_on(rule)) else { continue };
        let report = Report::file(file, format!("nothing here is a case of {rule}: this comment allows nothing"));
        reports.push(Report { range: Some(allow.at), ..report }.safer("take the comment away"));
    }
    reports
}

fn read(
    file: &str,
    text: &str,
    steps: &[Step],
    at: (usize, usize),
    comment: &str,
    allows: &mut Vec<Allow>,
    reports: &mut Vec<Report>,
) {
    let whole = (0, text.len());
    let next = || next_statement(text, steps, at);
    let mut allow = |scope, rule, is_ours| allows.push(Allow { at, scope, rule, is_ours, used: false });
    if let Some(rest) = comment.strip_prefix("ops-migrate:") {
        match ours(rest) {
            Ok((rule, is_file)) => allow(if is_file { whole } else { next() }, Some(rule), true),
            Err((_, Severity::Off)) => {}
            Err((text, severity)) => {
                let report = Report::file(file, text).severity(severity);
                reports.push(Report { range: Some(at), ..report }.safer("-- ops-migrate: allow <rule> <reason>"));
            }
        }
        return;
    }
    let (scope, names) = if let Some(rest) = comment.strip_prefix("squawk-ignore-file") {
        (whole, rest)
    } else if let Some(rest) = comment.strip_prefix("squawk-ignore") {
        (next(), rest)
    } else if let Some(rest) = comment.strip_prefix("diesel-guard:disable") {
        (whole, rest)
    } else if comment.starts_with("safety-assured:start") {
        let end = text[at.1..].find("safety-assured:end").map_or(text.len(), |end| at.1 + end);
        allow((at.1, end), None, false);
        return;
    } else if matches!(comment, "safety-assured" | "safety_assured") {
        allow(next(), None, false);
        return;
    } else {
        return;
    };
    let names = names.split("--").next().unwrap_or_default();
    let names = names.split([',', ' ']).map(|name| name.trim_matches([':', ' '])).filter(|name| !name.is_empty());
    let mut named = names.peekable();
    if named.peek().is_none() && comment.starts_with("squawk-ignore-file") {
        allow(whole, None, false);
    }
    for rule in named.flat_map(of_others) {
        allow(scope, Some(rule), false);
    }
}

/// Whether a comment keeps a rule silent about a statement.
pub(super) fn is_allowed(text: &str, steps: &[Step], step: &Step, rule: &str) -> bool {
    let inside = |allow: &Allow| allow.scope.0 <= step.offset && step.offset < allow.scope.1;
    let (allows, _) = all("", text, steps);
    allows.iter().any(|allow| inside(allow) && allow.rule.is_none_or(|of| of == rule))
}

/// The comments of a script, and what is wrong with some.
fn all(file: &str, text: &str, steps: &[Step]) -> (Vec<Allow>, Vec<Report>) {
    let (mut allows, mut reports) = (Vec::new(), Vec::new());
    for (at, comment) in comments(text) {
        read(file, text, steps, (at, at + comment.len()), body(comment), &mut allows, &mut reports);
    }
    (allows, reports)
}

/// ` allow <rule> <reason>`, `allow-file` for the whole script: the rule, or what is wrong.
fn ours(rest: &str) -> Result<(&'static str, bool), (String, Severity)> {
    let mut words = rest.split_whitespace();
    let verb = words.next().unwrap_or_default();
    if verb == "irreversible" {
        // For people, and for the rules about the way back.
        return Err((String::new(), Severity::Off));
    }
    if verb != "allow" && verb != "allow-file" {
        return Err((format!("`{verb}` is no word that ops-migrate knows in a comment"), Severity::Error));
    }
    let name = words.next().unwrap_or_default();
    let Some(rule) = find(name) else {
        let text = format!("there is no rule `{name}`; did you mean `{}`?", nearest(name));
        return Err((text, Severity::Error));
    };
    match words.next() {
        Some(_) => Ok((rule.id, verb == "allow-file")),
        None => Err((
            format!("why is {} allowed here? The comment gives no reason, and allows nothing", rule.id),
            Severity::Warn,
        )),
    }
}

/// From the comment to the end of the statement that it stands in, on whose last line it stands, or
/// that comes next.
fn next_statement(text: &str, steps: &[Step], at: (usize, usize)) -> (usize, usize) {
    let line = text[..at.0].rfind('\n').map_or(0, |end| end + 1);
    let found = steps.iter().find(|step| step.end > line && (step.end <= at.0 || step.offset <= at.0));
    let found = found.or_else(|| steps.iter().find(|step| step.offset >= at.1));
    found.map_or((at.1, at.1), |step| (step.offset, step.end))
}

/// What a comment says, without its marks.
fn body(comment: &str) -> &str {
    let inner = comment.strip_prefix("/*").map(|rest| rest.strip_suffix("*/").unwrap_or(rest));
    inner.unwrap_or_else(|| comment.trim_start_matches(['-', '#'])).trim()
}

/// The comments of a text with their offsets; strings of any kind are passed over.
fn comments(text: &str) -> Vec<(usize, &str)> {
    // Most scripts have no such comment.
    if !["ops-migrate:", "squawk-", "diesel-guard:", "safety-assured", "safety_assured"]
        .iter()
        .any(|w| text.contains(w))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let len = match rest.as_bytes()[0] {
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'#' => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            quote @ (b'\'' | b'"' | b'`') => {
                let end = rest[1..].find(char::from(quote)).map_or(rest.len(), |end| end + 2);
                at += end;
                continue;
            }
            _ => {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
        };
        found.push((at, &rest[..len]));
        at += len;
    }
    found
}

/// Our rules that a rule of squawk or diesel-guard stands for.
fn of_others(name: &str) -> &'static [&'static str] {
    OTHERS.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map_or(&[], |(_, ours)| *ours)
}

/// By the names in squawk's documentation, then diesel-guard's.
const OTHERS: &[(&str, &[&str])] = &[
    ("adding-field-with-default", &["add-column-rewrites"]),
    ("adding-foreign-key-constraint", &["foreign-key-not-valid"]),
    ("adding-not-nullable-field", &["set-not-null-scans", "not-null-without-backfill"]),
    ("adding-required-field", &["required-column-without-value"]),
    ("adding-serial-primary-key-field", &["unique-builds-index", "add-column-rewrites"]),
    ("ban-drop-column", &["data-loss", "drop-column"]),
    ("ban-drop-table", &["data-loss", "drop-table"]),
    ("changing-column-type", &["column-type-rewrites"]),
    ("constraint-missing-not-valid", &["check-not-valid", "foreign-key-not-valid", "validate-in-same-revision"]),
    ("disallowed-unique-constraint", &["unique-builds-index"]),
    ("renaming-column", &["rename-column"]),
    ("renaming-table", &["rename-table"]),
    ("require-concurrent-index-creation", &["index-not-concurrent"]),
    ("require-concurrent-index-deletion", &["drop-index-not-concurrent"]),
    ("require-concurrent-partition-detach", &["detach-partition-not-concurrent"]),
    ("require-concurrent-reindex", &["reindex-not-concurrent"]),
    ("require-lock-timeout", &["missing-lock-timeout"]),
    ("AddColumnCheck", &["add-column-rewrites"]),
    ("AddForeignKeyCheck", &["foreign-key-not-valid"]),
    ("AddIndexCheck", &["index-not-concurrent"]),
    ("AddNotNullCheck", &["set-not-null-scans", "not-null-without-backfill"]),
    ("AddPrimaryKeyCheck", &["unique-builds-index"]),
    ("AddUniqueConstraintCheck", &["unique-builds-index"]),
    ("AlterColumnTypeCheck", &["column-type-rewrites"]),
    ("DropColumnCheck", &["data-loss", "drop-column"]),
    ("DropIndexCheck", &["drop-index-not-concurrent"]),
    ("DropTableCheck", &["data-loss", "drop-table"]),
    ("ReindexCheck", &["reindex-not-concurrent"]),
];
