//! Additions to YAML that somebody else wrote: a key into a mapping, an item into a list, where their
//! structure says, with comments, order, quotes and line ends kept. The text is edited and then read
//! again: what does not say exactly what it said before, plus the addition, is refused. What is
//! added is for `managers` to say.

use yaml_rust2::parser::{Event, MarkedEventReceiver, Parser};
use yaml_rust2::scanner::Marker;
use yaml_rust2::{Yaml, YamlLoader};

/// One addition. Its text is not indented; it may have several lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addition<'a> {
    /// The keys that lead to what is added to; empty for the document itself.
    path: &'a [&'a str],
    text: &'a str,
    /// Whether it is an item of a list; else `key: value` of a mapping.
    is_item: bool,
    /// The key in front of which a new one is put; else it goes behind all of them.
    before: Option<&'a str>,
}

impl<'a> Addition<'a> {
    /// `key: value` into the mapping at a path.
    pub(super) fn key(path: &'a [&'a str], text: &'a str) -> Self {
        Self { path, text, is_item: false, before: None }
    }

    /// An item into the list at a path.
    pub(super) fn item(path: &'a [&'a str], text: &'a str) -> Self {
        Self { path, text, is_item: true, before: None }
    }

    /// The same in front of a key.
    pub(super) fn before(self, key: &'a str) -> Self {
        Self { before: Some(key), ..self }
    }
}

/// The one value of a text; `Null` for one without any.
///
/// # Errors
/// Why it is not YAML, or that it holds several documents.
pub(super) fn value(text: &str) -> Result<Yaml, String> {
    let mut documents = YamlLoader::load_from_str(text).map_err(|error| format!("it is not YAML: {error}"))?;
    match documents.len() {
        0 => Ok(Yaml::Null),
        1 => Ok(documents.remove(0)),
        _ => Err("it holds several documents".to_owned()),
    }
}

/// The text with the addition.
///
/// # Errors
/// Why it cannot be added without writing the rest anew.
pub(super) fn add(text: &str, addition: Addition<'_>) -> Result<String, String> {
    let mut expected = value(text)?;
    expect(&mut expected, addition)?;
    let after = insert(text, addition)?;
    match value(&after) {
        Ok(found) if same(&found, &expected) => Ok(after),
        _ => Err("its layout leaves no safe place for the addition".to_owned()),
    }
}

/// Adds to the value what the text is to say afterwards.
fn expect(value: &mut Yaml, addition: Addition<'_>) -> Result<(), String> {
    let path = addition.path;
    let mut at = value;
    for key in path {
        let Yaml::Hash(entries) = at else { return Err(format!("{} is no mapping", path.join("."))) };
        at = entries.get_mut(&Yaml::String((*key).to_owned())).ok_or_else(|| format!("it has no {key}"))?;
    }
    match (addition.is_item, self::value(addition.text)?) {
        (false, Yaml::Hash(new)) => {
            if matches!(at, Yaml::Null) {
                *at = Yaml::Hash(yaml_rust2::yaml::Hash::new());
            }
            let Yaml::Hash(entries) = at else { return Err(format!("{} is no mapping", path.join("."))) };
            entries.extend(new);
        }
        (true, new) => {
            if matches!(at, Yaml::Null) {
                *at = Yaml::Array(Vec::new());
            }
            let Yaml::Array(items) = at else { return Err(format!("{} is no list", path.join("."))) };
            items.push(new);
        }
        (false, _) => return Err("the addition is no mapping".to_owned()),
    }
    Ok(())
}

/// Whether two values say the same; the order of keys says nothing.
fn same(one: &Yaml, other: &Yaml) -> bool {
    match (one, other) {
        (Yaml::Hash(a), Yaml::Hash(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        (Yaml::Array(a), Yaml::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => one == other,
    }
}

/// A node with the place where its text starts: line and column from 0, in characters.
#[derive(Debug, Clone)]
struct Node {
    line: usize,
    column: usize,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Scalar(String),
    /// With the place where it ends.
    Sequence(Vec<Node>, (usize, usize)),
    /// Keys and values in turn.
    Mapping(Vec<Node>),
    Alias,
}

/// Collects the nodes of the parser's events.
#[derive(Default)]
struct Outline {
    open: Vec<Node>,
    root: Option<Node>,
}

impl Outline {
    fn of(text: &str) -> Result<Option<Node>, String> {
        let mut outline = Self::default();
        let mut parser = Parser::new_from_str(text);
        parser.load(&mut outline, false).map_err(|error| format!("it is not YAML: {error}"))?;
        Ok(outline.root)
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.kind) {
            Some(Kind::Sequence(nodes, _) | Kind::Mapping(nodes)) => nodes.push(node),
            _ => self.root = Some(node),
        }
    }
}

impl MarkedEventReceiver for Outline {
    fn on_event(&mut self, event: Event, mark: Marker) {
        let (line, column) = (mark.line().saturating_sub(1), mark.col());
        let node = |kind| Node { line, column, kind };
        match event {
            Event::Scalar(text, ..) => self.put(node(Kind::Scalar(text))),
            Event::Alias(_) => self.put(node(Kind::Alias)),
            Event::SequenceStart(..) => self.open.push(node(Kind::Sequence(Vec::new(), (0, 0)))),
            Event::MappingStart(..) => self.open.push(node(Kind::Mapping(Vec::new()))),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(mut done) = self.open.pop() else { return };
                if let Kind::Sequence(_, end) = &mut done.kind {
                    *end = (line, column);
                }
                self.put(done);
            }
            _ => {}
        }
    }
}

/// The lines of a text, with their ends.
struct Lines<'a>(Vec<&'a str>);

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self(text.split_inclusive('\n').collect())
    }

    /// The byte at which a line starts; the text's length behind the last one.
    fn start(&self, line: usize) -> usize {
        self.0.iter().take(line).map(|line| line.len()).sum()
    }

    /// The byte of a place.
    fn byte(&self, line: usize, column: usize) -> usize {
        let before: usize =
            self.0.get(line).map_or(0, |text| text.chars().take(column).map(char::len_utf8).sum::<usize>());
        self.start(line) + before
    }

    fn char_at(&self, line: usize, column: usize) -> Option<char> {
        self.0.get(line)?.chars().nth(column)
    }

    /// The line and the column of the first dash of a list. The parser may place a list that is as deep
    /// as its key at its first item.
    fn first_dash(&self, list: &Node, items: &[Node]) -> Option<(usize, usize)> {
        let line = items.first().map_or(list.line, |item| item.line.min(list.line));
        let text = self.0.get(line)?;
        text.trim_start().starts_with('-').then(|| (line, text.len() - text.trim_start().len()))
    }

    /// The line behind a block: the lines from `first` on that `belongs` (by indentation and text)
    /// keeps in it. Comments at its end stay with it where they are indented like it.
    fn block_end(&self, first: usize, comments_from: usize, belongs: impl Fn(usize, &str) -> bool) -> usize {
        let mut end = first + 1;
        for (number, line) in self.0.iter().enumerate().skip(first + 1) {
            let text = line.trim();
            let indent = line.chars().take_while(|&c| c == ' ').count();
            if text.is_empty() {
                continue;
            }
            if text.starts_with('#') {
                if indent >= comments_from && end == number {
                    end = number + 1;
                }
            } else if belongs(indent, text) {
                end = number + 1;
            } else {
                break;
            }
        }
        end
    }
}

fn insert(text: &str, addition: Addition<'_>) -> Result<String, String> {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let Addition { path, text: new, is_item, before } = addition;
    let lines = Lines::of(text);
    let Some(root) = Outline::of(text)? else {
        return Ok(splice(text, text.len()..text.len(), &indented(new, 0, newline), newline));
    };
    let (parent, node) = find(&root, path)?;
    match &node.kind {
        // `key:` alone, or `key: []`: a block below it.
        Kind::Scalar(value) if value.is_empty() => {
            let block = if is_item { item(new, parent + 2, newline) } else { indented(new, parent + 2, newline) };
            let at = lines.start(key_line(&root, path)? + 1);
            Ok(splice(text, at..at, &block, newline))
        }
        Kind::Sequence(items, end) if is_item && lines.char_at(node.line, node.column) == Some('[') => {
            let (from, to) = (lines.byte(node.line, node.column), lines.byte(end.0, end.1));
            if text.as_bytes().get(to) != Some(&b']') {
                return Err("its list in brackets cannot be followed".to_owned());
            }
            if items.is_empty() {
                let rest = text[to + 1..].split('\n').next().unwrap_or_default();
                let block = item(new, parent + 2, newline);
                let after = to + 1 + rest.len();
                let line_end = if text[after..].starts_with('\n') { after + 1 } else { after };
                let kept = text[..from].trim_end_matches(' ').to_owned() + &text[to + 1..line_end];
                let at = kept.len();
                return Ok(splice(&(kept + &text[line_end..]), at..at, &block, newline));
            }
            if new.trim().contains(['\n', ':', ',', '[', '{', '#']) {
                return Err("its list stands in brackets".to_owned());
            }
            let (inside, rest) = text.split_at(text[..to].trim_end().len());
            Ok(format!("{}, {}{rest}", inside.trim_end_matches(','), new.trim()))
        }
        Kind::Sequence(items, _) if is_item => {
            let (first, dash) = lines.first_dash(node, items).ok_or("its list cannot be followed")?;
            let end = lines.block_end(first, dash.max(parent + 1), |indent, text| {
                indent > dash || (indent == dash && (text == "-" || text.starts_with("- ")))
            });
            let at = lines.start(end);
            Ok(splice(text, at..at, &item(new, dash, newline), newline))
        }
        Kind::Mapping(entries) if !is_item && lines.char_at(node.line, node.column) != Some('{') => {
            let column = entries.first().map_or(node.column, |key| key.column);
            let sibling = before.and_then(|name| keys(entries).find(|(key, _)| *key == name));
            let at = match sibling {
                Some((_, key)) => lines.start(key.line),
                None => {
                    lines.start(lines.block_end(node.line, column, |indent, text| indent >= column && text != "..."))
                }
            };
            Ok(splice(text, at..at, &indented(new, column, newline), newline))
        }
        _ => Err(format!("{} is written in a form that cannot be added to", path.join("."))),
    }
}

/// The keys of a mapping that are plain text, with their nodes.
fn keys(entries: &[Node]) -> impl Iterator<Item = (&str, &Node)> {
    entries.iter().step_by(2).filter_map(|key| match &key.kind {
        Kind::Scalar(text) => Some((text.as_str(), key)),
        _ => None,
    })
}

/// The node at a path, and the column of the key that leads to it.
fn find<'a>(root: &'a Node, path: &[&str]) -> Result<(usize, &'a Node), String> {
    let (mut parent, mut node) = (0, root);
    for name in path {
        let Kind::Mapping(entries) = &node.kind else { return Err(format!("{} is no mapping", path.join("."))) };
        let (key, value) = entries
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[key, value]| (key, value))
            .find(|(key, _)| matches!(&key.kind, Kind::Scalar(text) if text == name))
            .ok_or_else(|| format!("it has no {name}"))?;
        (parent, node) = (key.column, value);
    }
    Ok((parent, node))
}

/// The line of the key at the end of a path.
fn key_line(root: &Node, path: &[&str]) -> Result<usize, String> {
    let Some((name, above)) = path.split_last() else { return Ok(root.line) };
    let Kind::Mapping(entries) = &find(root, above)?.1.kind else { return Err("no mapping".to_owned()) };
    keys(entries).find(|(key, _)| key == name).map(|(_, key)| key.line).ok_or_else(|| format!("it has no {name}"))
}

fn indented(text: &str, column: usize, newline: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() { newline.to_owned() } else { format!("{}{line}{newline}", " ".repeat(column)) }
    };
    text.lines().map(line).collect()
}

fn item(text: &str, column: usize, newline: &str) -> String {
    let body = indented(text, column + 2, newline);
    format!("{}- {}", " ".repeat(column), body.trim_start_matches(' '))
}

/// Puts lines into a text, on lines of their own.
fn splice(text: &str, at: std::ops::Range<usize>, new: &str, newline: &str) -> String {
    let before = &text[..at.start];
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { newline };
    format!("{before}{gap}{new}{}", &text[at.end..])
}

#[cfg(test)]
mod tests {
    use super::{Addition, add};

    const ITEM: &str = "repo: local\nhooks:\n  - id: x\n";

    #[track_caller]
    fn item(text: &str, expected: &str) {
        assert_eq!(add(text, Addition::item(&["repos"], ITEM)).as_deref(), Ok(expected));
    }

    #[track_caller]
    fn key(text: &str, path: &[&str], new: &str, expected: &str) {
        assert_eq!(add(text, Addition::key(path, new)).as_deref(), Ok(expected));
    }

    #[test]
    fn an_item_goes_behind_the_others() {
        item(
            "# top\nrepos:\n  - repo: a # one\n    hooks:\n      - id: b\n    # last\n\n# about ci\nci:\n  skip: []\n",
            "# top\nrepos:\n  - repo: a # one\n    hooks:\n      - id: b\n    # last\n  - repo: local\n    hooks:\n      - id: x\n\n# about ci\nci:\n  skip: []\n",
        );
        item(
            "repos:\n- repo: a\n  hooks: [{id: b}]\n# about the rest\nfail_fast: true",
            "repos:\n- repo: a\n  hooks: [{id: b}]\n- repo: local\n  hooks:\n    - id: x\n# about the rest\nfail_fast: true",
        );
        item("repos:", "repos:\n  - repo: local\n    hooks:\n      - id: x\n");
        item("repos: [] # none\nci: 1\n", "repos: # none\n  - repo: local\n    hooks:\n      - id: x\nci: 1\n");
        item(
            "repos:\r\n  - repo: a\r\n    hooks: []\r\n",
            "repos:\r\n  - repo: a\r\n    hooks: []\r\n  - repo: local\r\n    hooks:\r\n      - id: x\r\n",
        );
        item(
            "repos:\n  - repo: a\n    entry: |\n      # no comment\n      x: y\n",
            "repos:\n  - repo: a\n    entry: |\n      # no comment\n      x: y\n  - repo: local\n    hooks:\n      - id: x\n",
        );
    }

    #[test]
    fn a_word_goes_into_a_list_in_brackets() {
        let types = |text: &str| add(text, Addition::item(&["types"], "pre-push"));
        assert_eq!(types("types: [a, b] # c\nd: 1\n").as_deref(), Ok("types: [a, b, pre-push] # c\nd: 1\n"));
        assert_eq!(types("types: [\n  a,\n  b,\n]\n").as_deref(), Ok("types: [\n  a,\n  b, pre-push\n]\n"));
        assert_eq!(types("types:\n  - a\n").as_deref(), Ok("types:\n  - a\n  - pre-push\n"));
    }

    #[test]
    fn a_key_goes_into_its_mapping() {
        key("a: 1\n", &[], "b:\n  c: 2\n", "a: 1\nb:\n  c: 2\n");
        key("# only words\n", &[], "b: 2\n", "# only words\nb: 2\n");
        key("", &[], "b: 2\n", "b: 2\n");
        key("a:\n    b: 1\n\nc: 2\n", &["a"], "d:\n  - e\n", "a:\n    b: 1\n    d:\n      - e\n\nc: 2\n");
        key("a:\nc: 2\n", &["a"], "d: 1\n", "a:\n  d: 1\nc: 2\n");
        key("a: \"x\n  y\"", &[], "b: 2\n", "a: \"x\n  y\"\nb: 2\n");
        let first = Addition::key(&[], "b: 2\n").before("repos");
        assert_eq!(add("# top\n\nrepos: []\n", first).as_deref(), Ok("# top\n\nb: 2\nrepos: []\n"));
    }

    #[test]
    fn what_cannot_be_added_to_is_refused() {
        let refused = |text: &str| add(text, Addition::item(&["repos"], ITEM)).unwrap_err();
        for (text, why) in [
            ("repos: [{repo: a, hooks: []}]\n", "its list stands in brackets"),
            ("repos: x\n", "repos is no list"),
            ("other: x\n", "it has no repos"),
            ("- a\n", "repos is no mapping"),
            ("a: 1\n---\nb: 2\n", "it holds several documents"),
            ("repos: [\n", "it is not YAML"),
            ("repos: []\nrepos: []\n", "it is not YAML"),
            ("a: &a []\nrepos: *a\n", "repos is written in a form that cannot be added to"),
        ] {
            assert!(refused(text).starts_with(why), "{text}: {}", refused(text));
        }
        let key = Addition::key(&[], "b: 2\n");
        assert!(add("{a: 1}\n", key).is_err());
        assert!(add("b: 1\n", key).is_err());
    }
}
