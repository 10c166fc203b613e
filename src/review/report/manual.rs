//! The rules' manual in Markdown: a section for each, made from the table of rules.

use crate::review::{Example, RULES, Rule, mends};

/// The page of all rules, in the order of the table.
pub fn manual() -> String {
    let mut text = "# Rules of `cargo ops-migrate review`\n\nMade from the rules themselves (`cargo ops-migrate review --rules --format markdown`). Levels are set in `[package.metadata.ops-migrate.review.rules]`; one place is allowed by a comment, `-- ops-migrate: allow <rule> <reason>`.\n\n| rule | level | for | |\n|---|---|---|---|\n".to_owned();
    for rule in RULES {
        let dialects = dialects(rule);
        let (code, anchor) = (rule.code, rule.code.to_lowercase());
        let line = format!(
            "| [{code}](#{anchor}-{}) | {} | {dialects} | {} |\n",
            rule.id,
            rule.severity.name(),
            cell(rule.summary)
        );
        text.push_str(&line);
    }
    for rule in RULES {
        text.push('\n');
        text.push_str(&page(rule));
    }
    text
}

/// One rule's section.
pub fn page(rule: &Rule) -> String {
    let mut text = format!("## {} {}\n\n", rule.code, rule.id);
    text.push_str(&format!("{}. Level: {}. For {}.\n\n", prose(rule.summary), rule.severity.name(), dialects(rule)));
    text.push_str(&format!("{}\n\nInstead: {}.", prose(rule.help), prose(rule.safer)));
    if let Some(what) = mends(rule) {
        text.push_str(&format!(" `--fix` {}.", prose(what)));
    }
    text.push('\n');
    for (title, finds) in [("For example:", true), ("But not:", false)] {
        let Some(example) = rule.example(finds) else { continue };
        text.push_str(&format!("\n{title}\n\n"));
        for (name, script) in example.files() {
            let script: String = script.lines().map(|line| format!("    {}\n", line.trim_end())).collect();
            text.push_str(&format!("{name}:\n\n{script}\n"));
        }
        example.finds.iter().for_each(|found| text.push_str(&format!("- {}\n", prose(found))));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    if !rule.links.is_empty() {
        let links: String = rule.links.iter().map(|link| format!("- <{link}>\n")).collect();
        text.push_str(&format!("\nRead more:\n\n{links}"));
    }
    text
}

fn dialects(rule: &Rule) -> String {
    rule.dialects.iter().map(|dialect| dialect.display()).collect::<Vec<_>>().join(", ")
}

/// Text in which nothing is taken for Markdown's own.
fn prose(text: &str) -> String {
    text.replace('_', "\\_").replace('*', "\\*").replace('<', "\\<")
}

fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

impl Rule {
    /// The first example in which the rule finds something, or nothing.
    pub(super) fn example(&self, finds: bool) -> Option<&Example> {
        self.examples.iter().find(|example| example.finds.is_empty() != finds)
    }
}

impl Example {
    /// The files that are worth showing, each with its name.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let down = self.down.filter(|down| *down != "SELECT 1;");
        let before = Some(self.before).filter(|before| *before != Self::USERS);
        let files =
            [("before", before), ("up.sql", Some(self.up)), ("down.sql", down), ("metadata.toml", self.metadata)];
        files.into_iter().filter_map(|(name, text)| Some((name, text?)))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    /// `UPDATE_EXPECT=1` writes the page anew.
    #[test]
    fn the_page_of_rules_is_made_from_them() {
        expect_file!["../../../docs/rules.md"].assert_eq(&super::manual());
    }
}
