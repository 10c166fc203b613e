//! Attributes of Rust items, flattened: `cfg_attr` is unwrapped (no condition is evaluated: what
//! stands under one is read as if it held, unless it holds in tests alone), and `diesel(…)` is
//! split into its entries. What an attribute means is for the readers of tables, enums and structs.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, Expr, Lit, Meta};

/// One attribute: `key = value`, `key(content)` or just `key`.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The last segment of the path; for an entry of `diesel(…)` its own key.
    pub(super) key: String,
    /// Whether it stood inside of `diesel(…)`.
    pub(super) diesel: bool,
    pub(super) value: Value,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    None,
    Text(String),
    /// What stands after `=`.
    Tokens(TokenStream),
    /// What stands in parentheses.
    List(TokenStream),
}

impl Entry {
    /// The text of a string literal or of a number, or a path without white space.
    pub(super) fn text(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Tokens(tokens) => {
                let literal = syn::parse2::<Lit>(tokens.clone()).ok().and_then(|literal| text_of_literal(&literal));
                literal.or_else(|| Some(tokens.to_string().replace(' ', "")))
            }
            Value::None | Value::List(_) => None,
        }
    }

    /// The last segment of a path given as tokens or in a string.
    pub(super) fn last_segment(&self) -> Option<String> {
        self.text().map(|path| last_segment(&path))
    }

    /// The entries of its list: those of `name = "mood", schema = "app"`.
    pub(super) fn inner(&self) -> Vec<Entry> {
        match &self.value {
            Value::List(tokens) => parts(tokens.clone()).into_iter().filter_map(|part| entry(part, false)).collect(),
            _ => Vec::new(),
        }
    }
}

/// The last segment of a path without `r#`.
pub(super) fn last_segment(path: &str) -> String {
    path.rsplit("::").next().unwrap_or_default().trim().trim_start_matches("r#").to_owned()
}

/// The attributes of an item.
pub(super) fn entries(attributes: &[Attribute]) -> Vec<Entry> {
    let mut found = Vec::new();
    for attribute in attributes {
        read_meta(&attribute.meta, &mut found);
    }
    found
}

/// The value of the first entry of that key.
pub(super) fn text_of(entries: &[Entry], key: &str) -> Option<String> {
    entries.iter().find(|entry| entry.key == key).and_then(Entry::text)
}

/// The value of the first entry of that key inside of `diesel(…)`.
pub(super) fn diesel_text(entries: &[Entry], key: &str) -> Option<String> {
    entries.iter().find(|entry| entry.diesel && entry.key == key).and_then(Entry::text)
}

/// The names in all `derive(…)`, each as its whole path without white space.
pub(super) fn derives(entries: &[Entry]) -> Vec<String> {
    let lists = entries.iter().filter(|entry| entry.key == "derive").filter_map(|entry| match &entry.value {
        Value::List(tokens) => Some(parts(tokens.clone())),
        _ => None,
    });
    lists.flatten().map(|path| path.to_string().replace(' ', "")).collect()
}

/// Whether an item stands under a `cfg`.
pub(super) fn is_conditional(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
}

/// Whether an item is compiled for tests alone.
pub(super) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && requires_test(list.tokens.clone()),
        _ => false,
    })
}

/// Whether the inside of an attribute's brackets is a `cfg` that holds in tests alone.
pub(super) fn is_test_cfg(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(cfg), TokenTree::Group(group)] => cfg == "cfg" && requires_test(group.stream()),
        _ => false,
    }
}

/// Whether a condition holds in tests alone: `test`, an `all` with that, an `any` of nothing else.
fn requires_test(condition: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(test)] => test == "test",
        [TokenTree::Ident(all), TokenTree::Group(group), ..] if all == "all" => {
            parts(group.stream()).into_iter().any(requires_test)
        }
        [TokenTree::Ident(any), TokenTree::Group(group), ..] if any == "any" => {
            let parts = parts(group.stream());
            !parts.is_empty() && parts.into_iter().all(requires_test)
        }
        _ => false,
    }
}

fn read_meta(meta: &Meta, found: &mut Vec<Entry>) {
    let key = meta.path().segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    let value = match meta {
        Meta::Path(_) => Value::None,
        Meta::List(list) => match key.as_str() {
            "cfg_attr" => return read_conditional(list.tokens.clone(), found),
            "diesel" => {
                found.extend(parts(list.tokens.clone()).into_iter().filter_map(|part| entry(part, true)));
                return;
            }
            _ => Value::List(list.tokens.clone()),
        },
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(literal) => text_of_literal(&literal.lit).map_or(Value::None, Value::Text),
            Expr::Path(path) => Value::Text(path.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default()),
            _ => Value::None,
        },
    };
    found.push(Entry { key, diesel: false, value });
}

/// What `cfg_attr` holds after its condition.
fn read_conditional(tokens: TokenStream, found: &mut Vec<Entry>) {
    let mut parts = parts(tokens).into_iter();
    if parts.next().is_none_or(requires_test) {
        return;
    }
    for meta in parts.filter_map(|part| syn::parse2::<Meta>(part).ok()) {
        read_meta(&meta, found);
    }
}

/// `key`, `key = tokens` or `key(tokens)`.
fn entry(tokens: TokenStream, diesel: bool) -> Option<Entry> {
    let mut tokens = tokens.into_iter();
    let TokenTree::Ident(key) = tokens.next()? else { return None };
    let value = match tokens.next() {
        Some(TokenTree::Punct(equals)) if equals.as_char() == '=' => Value::Tokens(tokens.collect()),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => Value::List(group.stream()),
        _ => Value::None,
    };
    Some(Entry { key: key.to_string(), diesel, value })
}

fn text_of_literal(literal: &Lit) -> Option<String> {
    match literal {
        Lit::Str(text) => Some(text.value()),
        Lit::Int(number) => Some(number.base10_digits().to_owned()),
        _ => None,
    }
}

/// The parts between commas outside of any bracket. Angle brackets are not seen: a part that begins
/// within them has no key that anyone asks for.
fn parts(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => parts.push(Vec::new()),
            (_, Some(part)) => part.push(token),
            (_, None) => {}
        }
    }
    parts.into_iter().filter(|part| !part.is_empty()).map(TokenStream::from_iter).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_for_tests, is_test_cfg};

    #[test]
    fn what_is_compiled_for_tests_alone() {
        let cases = [
            ("#[cfg(test)]", true),
            ("#[cfg(all(test, unix))]", true),
            ("#[cfg(all(unix, all(test)))]", true),
            ("#[cfg(any(test))]", true),
            ("#[cfg(any(test, feature = \"mocks\"))]", false),
            ("#[cfg(not(test))]", false),
            ("#[cfg(all(not(test), unix))]", false),
            ("#[cfg(feature = \"test\")]", false),
            ("#[test]", false),
        ];
        for (attribute, expected) in cases {
            let item: syn::ItemStruct = syn::parse_str(&format!("{attribute} struct A;")).unwrap();
            assert_eq!(is_for_tests(&item.attrs), expected, "{attribute}");
            let inside = attribute.trim_start_matches("#[").trim_end_matches(']');
            assert_eq!(is_test_cfg(&inside.parse().unwrap()), expected, "{attribute}");
        }
    }
}
