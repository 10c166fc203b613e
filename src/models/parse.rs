//! Rust source text to declarations: `table!` and its relatives, SQL types, enums. Nothing is
//! compiled and no `cfg` is decided: what stands under one is read as if it held, except for what is
//! compiled for tests alone.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use serde::{Deserialize, Serialize};
use syn::buffer::Cursor;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, GenericArgument, Ident, Item, ItemStruct, PathArguments, Token, Type};

use super::attributes::{Entry, Value, entries, is_conditional, is_for_tests, is_test_cfg, text_of};
use super::enums::{RawEnum, read_enum};
use super::owned::{RawOwner, read_owner};
use super::types::is_diesels;
use super::{DieselType, ModelColumn, ModelTable};
use crate::catalog::Name;
use crate::error::{Error, Result};
use crate::place::Place;

/// What one file declares, names not yet resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Declarations {
    pub tables: Vec<ModelTable>,
    pub joins: Vec<RawJoin>,
    pub sql_types: Vec<RawType>,
    pub enums: Vec<RawEnum>,
    /// Read anew each time: their statements hold on to the source.
    #[serde(skip)]
    pub owners: Vec<RawOwner>,
}

/// A struct that stands for an SQL type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawType {
    pub rust_name: String,
    /// What PostgreSQL calls it.
    pub postgres: Option<Name>,
    /// How SQLite stores it: a variant of Diesel's `SqliteType`, such as `Text`.
    pub sqlite: Option<String>,
}

/// A `joinable!` with Rust names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawJoin {
    pub child: String,
    pub parent: String,
    pub column: String,
    pub at: Place,
}

/// Whether a file can say anything of the models. Cheap, and never wrong in the direction that
/// matters: what it denies declares nothing.
pub fn interesting(text: &[u8]) -> bool {
    // One pass: a byte decides for almost every position.
    text.iter().enumerate().any(|(at, byte)| match byte {
        b'!' => ends_with_any(text[..at].trim_ascii_end(), &[b"table", b"view", b"joinable"]),
        b'E' => text[at..].starts_with(b"Enum") && !is_ident(text.get(at + 4)) && is_derive(&text[..at]),
        b'O' => text[at..].starts_with(b"OpsModel"),
        // Diesel 1 has `#[postgres(type_name = "…")]` and `#[sqlite_type = "…"]`.
        b'_' => {
            let before = &text[..at];
            (text[at..].starts_with(b"_type") && ends_with_any(before, &[b"postgres", b"sqlite"]))
                || (text[at..].starts_with(b"_name") && before.ends_with(b"type"))
        }
        _ => false,
    })
}

/// Whether `Enum` after this text is a derive that is read: `DbEnum`, or a whole word.
fn is_derive(before: &[u8]) -> bool {
    before.ends_with(b"Db") || !is_ident(before.last())
}

fn ends_with_any(text: &[u8], ends: &[&[u8]]) -> bool {
    ends.iter().any(|end| text.ends_with(end))
}

fn is_ident(byte: Option<&u8>) -> bool {
    byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Whether a file may hold `table!` blocks.
pub fn mentions_tables(text: &[u8]) -> bool {
    contains(text, b"table!") || contains(text, b"table !")
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    // The first byte decides for almost every position.
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|b| *b == word[0]) {
        let start = from + at;
        if text[start..].starts_with(word) {
            return true;
        }
        from = start + 1;
    }
    false
}

/// Reads a file.
///
/// # Errors
/// Where it is not Rust, or a `table!` does not parse, with the line.
pub fn parse_file(path: &str, text: &str) -> Result<Declarations> {
    let found = read_file(path, text);
    release_spans();
    found
}

/// Whether a file declares a module of a file of its own for tests alone: `#[cfg(test)] mod tests;`.
/// No where it does not parse, which is said elsewhere.
pub fn declares_for_tests(text: &str, module: &str) -> bool {
    // Nearly no file that is asked about has to be parsed.
    if !text.contains("cfg(") || !text.contains(&format!("mod {module};")) {
        return false;
    }
    let found = syn::parse_file(text).is_ok_and(|file| {
        file.items.iter().any(|item| match item {
            Item::Mod(item) => item.content.is_none() && item.ident == module && is_for_tests(&item.attrs),
            _ => false,
        })
    });
    release_spans();
    found
}

/// Lets go of the text that the lexer keeps for its spans: a process that reads many files would
/// keep them all. Every span is a [`Place`] by now.
pub(super) fn release_spans() {
    proc_macro2::extra::invalidate_current_thread_spans();
}

fn read_file(path: &str, text: &str) -> Result<Declarations> {
    let file = syn::parse_file(text).map_err(|error| match error.to_string().as_str() {
        // All that the lexer has to say.
        "cannot parse string into token stream" => {
            let at = error.span().start();
            Error::undecided("this is not Rust that parses: a bracket or a quote has no partner")
                .at(place(path, at.line, at.column))
        }
        _ => wrong(path, &error, "this is not Rust that parses"),
    })?;
    let mut reader = Reader { path, found: Declarations::default() };
    if !is_for_tests(&file.attrs) {
        reader.items(&file.items, false)?;
    }
    Ok(reader.found)
}

fn wrong(path: &str, error: &syn::Error, what: &str) -> Error {
    let at = error.span().start();
    Error::undecided(format!("{what}: {error}")).at(place(path, at.line, at.column))
}

pub(super) fn place(path: &str, line: usize, column: usize) -> Place {
    Place::new(path, u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column + 1).unwrap_or(u32::MAX))
}

struct Reader<'a> {
    path: &'a str,
    found: Declarations,
}

impl Reader<'_> {
    fn items(&mut self, items: &[Item], conditional: bool) -> Result<()> {
        for item in items {
            match item {
                Item::Macro(item) if !is_for_tests(&item.attrs) => {
                    let conditional = conditional || is_conditional(&item.attrs);
                    self.mac(&item.mac, conditional)?;
                }
                Item::Mod(module) if !is_for_tests(&module.attrs) => {
                    if let Some((_, items)) = &module.content {
                        self.items(items, conditional || is_conditional(&module.attrs))?;
                    }
                }
                Item::Struct(item) if !is_for_tests(&item.attrs) => {
                    self.found.sql_types.extend(sql_type(item));
                    self.found.owners.extend(read_owner(self.path, item)?);
                }
                Item::Enum(item) if !is_for_tests(&item.attrs) => {
                    self.found.enums.extend(read_enum(item, &spot(self.path, item.ident.span())));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn mac(&mut self, mac: &syn::Macro, conditional: bool) -> Result<()> {
        let name = mac.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
        match name.as_str() {
            "table" | "view" => self.table(mac.tokens.clone(), name == "view", conditional),
            "joinable" => self.join(mac.tokens.clone()),
            // A wrapper such as cfg_if! may hold them; a macro's definition does not declare.
            "macro_rules" => Ok(()),
            _ => self.inside(mac.tokens.clone()),
        }
    }

    /// Looks for `table! { … }` and `joinable!(…)` among the tokens of another macro.
    fn inside(&mut self, tokens: TokenStream) -> Result<()> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let TokenTree::Group(group) = token else { continue };
            // `if #[cfg(test)] { … }` of cfg_if!.
            if matches!(at.checked_sub(1).map(|at| &tokens[at]), Some(TokenTree::Group(g)) if is_test_cfg(&g.stream()))
            {
                continue;
            }
            let bang = at >= 1 && matches!(&tokens[at - 1], TokenTree::Punct(p) if p.as_char() == '!');
            let name = match at.checked_sub(2).map(|at| &tokens[at]) {
                Some(TokenTree::Ident(ident)) if bang => ident.to_string(),
                _ => String::new(),
            };
            match name.as_str() {
                "table" | "view" => self.table(group.stream(), name == "view", true)?,
                "joinable" => self.join(group.stream())?,
                _ => self.inside(group.stream())?,
            }
        }
        Ok(())
    }

    fn table(&mut self, tokens: TokenStream, is_view: bool, conditional: bool) -> Result<()> {
        let path = self.path;
        let parser = |input: ParseStream<'_>| parse_table(input, path, is_view, conditional);
        let table = parser.parse2(tokens).map_err(|error| wrong(path, &error, "this table! cannot be read"))?;
        self.found.tables.push(table);
        Ok(())
    }

    fn join(&mut self, tokens: TokenStream) -> Result<()> {
        let path = self.path;
        let parser = |input: ParseStream<'_>| {
            let child: syn::Path = input.call(syn::Path::parse_mod_style)?;
            input.parse::<Token![->]>()?;
            let parent: syn::Path = input.call(syn::Path::parse_mod_style)?;
            let column;
            syn::parenthesized!(column in input);
            let column = column.call(Ident::parse_any)?;
            input.parse::<TokenStream>()?;
            let last = |path: &syn::Path| path.segments.last().map(|s| name_of(&s.ident)).unwrap_or_default();
            let at = spot(path, column.span());
            Ok(RawJoin { child: last(&child), parent: last(&parent), column: name_of(&column), at })
        };
        let join = parser.parse2(tokens).map_err(|error| wrong(path, &error, "this joinable! does not parse"))?;
        self.found.joins.push(join);
        Ok(())
    }
}

/// A struct with `#[diesel(postgres_type(name = "…", schema = "…"))]`, `sqlite_type(name = "…")`, or
/// what Diesel 1 had for them.
fn sql_type(item: &ItemStruct) -> Option<RawType> {
    let entries = entries(&item.attrs);
    let named = |entry: &Entry| match &entry.value {
        Value::Text(text) => Some(text.clone()),
        _ => text_of(&entry.inner(), "name").or_else(|| text_of(&entry.inner(), "type_name")),
    };
    let postgres =
        entries.iter().filter(|e| matches!(e.key.as_str(), "postgres_type" | "postgres")).find_map(|entry| {
            let schema = text_of(&entry.inner(), "schema").or_else(|| text_of(&entry.inner(), "type_schema"));
            let name = named(entry)?;
            Some(schema.map_or_else(|| Name::new(name.clone()), |schema| Name::qualified(schema, name.clone())))
        });
    let sqlite = entries.iter().filter(|e| matches!(e.key.as_str(), "sqlite_type" | "sqlite")).find_map(named);
    let found = postgres.is_some() || sqlite.is_some();
    found.then(|| RawType { rust_name: name_of(&item.ident), postgres, sqlite })
}

/// An identifier without `r#`. Asked for every name in the models: `unraw` would make one more copy.
fn name_of(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

pub(super) fn spot(path: &str, span: Span) -> Place {
    let at = span.start();
    place(path, at.line, at.column)
}

/// The inside of a `table!`.
fn parse_table(input: ParseStream<'_>, path: &str, is_view: bool, conditional: bool) -> syn::Result<ModelTable> {
    let mut imports = skip_imports(input)?;
    let attrs = input.call(Attribute::parse_outer)?;
    imports |= skip_imports(input)?;
    let first = input.call(Ident::parse_any)?;
    let (schema, ident) = if input.peek(Token![.]) {
        input.parse::<Token![.]>()?;
        (Some(first), input.call(Ident::parse_any)?)
    } else {
        (None, first)
    };
    let mut key = Vec::new();
    if input.peek(syn::token::Paren) {
        let inner;
        syn::parenthesized!(inner in input);
        key = Punctuated::<Ident, Token![,]>::parse_terminated_with(&inner, Ident::parse_any)?.into_iter().collect();
    }
    let body;
    syn::braced!(body in input);
    let (mut columns, mut alternatives) = (Vec::<ModelColumn>::new(), BTreeMap::new());
    while !body.is_empty() {
        let column = parse_column(&body, path, imports, &mut alternatives)?;
        // The same column under two `cfg`s: alternatives.
        match columns.iter_mut().find(|c| c.name == column.name) {
            Some(known) => known.take_forms(&column),
            None => columns.push(column),
        }
        if body.peek(Token![,]) {
            body.parse::<Token![,]>()?;
        }
    }
    let rust_name = name_of(&ident);
    let sql_name = sql_name(&entries(&attrs)).unwrap_or_else(|| rust_name.clone());
    let name = match schema {
        Some(schema) => Name::qualified(name_of(&schema), sql_name),
        None => Name::new(sql_name),
    };
    let sql_of = |ident: &Ident| {
        let rust = name_of(ident);
        columns.iter().find(|c| c.rust_name == rust).map_or(rust, |c| c.name.clone())
    };
    let primary_key = match key.as_slice() {
        [] if is_view => Vec::new(),
        [] => vec!["id".to_owned()],
        key => key.iter().map(sql_of).collect(),
    };
    let conditional = conditional || is_conditional(&attrs);
    let at = spot(path, ident.span());
    Ok(ModelTable { name, rust_name, primary_key, other_keys: Vec::new(), columns, is_view, conditional, at })
}

/// The text of `#[sql_name = "…"]`.
fn sql_name(entries: &[Entry]) -> Option<String> {
    text_of(entries, "sql_name").map(|name| name.strip_prefix("r#").map_or(name.clone(), str::to_owned))
}

/// Passes over `use` lines; whether there were any.
fn skip_imports(input: ParseStream<'_>) -> syn::Result<bool> {
    let found = input.peek(Token![use]);
    while input.peek(Token![use]) {
        input.parse::<syn::ItemUse>()?;
    }
    Ok(found)
}

/// A column. Without `imports` a bare type can only be one of Diesel's. `seen` has the columns so
/// far, with whether each stands under a `cfg`.
fn parse_column(
    input: ParseStream<'_>,
    path: &str,
    imports: bool,
    seen: &mut BTreeMap<String, bool>,
) -> syn::Result<ModelColumn> {
    let attrs = input.call(Attribute::parse_outer)?;
    let ident = input.call(Ident::parse_any)?;
    let conditional = is_conditional(&attrs);
    if seen.insert(ident.to_string(), conditional) == Some(false) && !conditional {
        return Err(syn::Error::new(ident.span(), format!("column {ident} is declared twice")));
    }
    input.parse::<Token![->]>()?;
    let (ty, nullable) = column_type(input, &ident, imports)?.without_nullable();
    let rust_name = name_of(&ident);
    let entries = entries(&attrs);
    Ok(ModelColumn {
        name: sql_name(&entries).unwrap_or_else(|| rust_name.clone()),
        rust_name,
        ty,
        nullable,
        max_length: text_of(&entries, "max_length").and_then(|length| length.parse().ok()),
        auto_increment: entries.iter().any(|entry| entry.key == "auto_increment"),
        other_forms: Vec::new(),
        partial: false,
        at: spot(path, ident.span()),
    })
}

/// The type of a column. Nearly every one is a name of Diesel's, or one around another: these are
/// taken as they stand, since syn's tree of a type costs as much as all else about a column.
fn column_type(input: ParseStream<'_>, column: &Ident, imports: bool) -> syn::Result<DieselType> {
    let known = input.step(|cursor| {
        let found = known_type(*cursor).filter(|(_, rest)| rest.eof() || after_sign(*rest, ',').is_some());
        found.ok_or_else(|| cursor.error("not a name of Diesel's"))
    });
    if let Ok(known) = known {
        return Ok(known);
    }
    let rust_type = input.parse::<Type>()?;
    let ty = diesel_type(&rust_type)?;
    if let Some(stranger) = bare_stranger(&rust_type).filter(|_| !imports) {
        let text =
            format!("column {column} has the type {stranger}, which Diesel does not have and no `use` brings in");
        return Err(syn::Error::new(stranger.span(), text));
    }
    Ok(ty)
}

/// A name of Diesel's, alone or around another, and what follows it.
fn known_type(cursor: Cursor<'_>) -> Option<(DieselType, Cursor<'_>)> {
    let (ident, rest) = cursor.ident()?;
    let ty = DieselType::plain(ident.to_string());
    if !is_diesels(&ty.name) {
        return None;
    }
    let Some(inside) = after_sign(rest, '<') else { return Some((ty, rest)) };
    let (arg, rest) = known_type(inside)?;
    Some((DieselType { args: vec![arg], ..ty }, after_sign(rest, '>')?))
}

/// What follows a sign, where it comes next.
fn after_sign(cursor: Cursor<'_>, sign: char) -> Option<Cursor<'_>> {
    cursor.punct().filter(|(punct, _)| punct.as_char() == sign).map(|(_, rest)| rest)
}

pub(super) fn diesel_type(ty: &Type) -> syn::Result<DieselType> {
    match ty {
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return Err(syn::Error::new_spanned(ty, "a type without a name"));
            };
            let mut args = Vec::new();
            if let PathArguments::AngleBracketed(generic) = &last.arguments {
                for arg in &generic.args {
                    if let GenericArgument::Type(inner) = arg {
                        args.push(diesel_type(inner)?);
                    }
                }
            }
            Ok(DieselType { args, ..DieselType::plain(name_of(&last.ident)) })
        }
        Type::Tuple(tuple) => {
            let args = tuple.elems.iter().map(diesel_type).collect::<syn::Result<_>>()?;
            Ok(DieselType { args, ..DieselType::plain("(…)") })
        }
        Type::Paren(inner) => diesel_type(&inner.elem),
        Type::Group(inner) => diesel_type(&inner.elem),
        other => Err(syn::Error::new_spanned(other, "expected a SQL type's path")),
    }
}

/// The first name in a type that is written without a path and is none of Diesel's. In a `table!`
/// without `use` lines the types are those of `diesel::sql_types` and no others.
fn bare_stranger(ty: &Type) -> Option<Ident> {
    let path = match ty {
        Type::Path(path) => &path.path,
        Type::Tuple(tuple) => return tuple.elems.iter().find_map(bare_stranger),
        Type::Paren(inner) => return bare_stranger(&inner.elem),
        Type::Group(inner) => return bare_stranger(&inner.elem),
        _ => return None,
    };
    let last = path.segments.last()?;
    if path.segments.len() == 1 && path.leading_colon.is_none() && !is_diesels(&last.ident.to_string()) {
        return Some(last.ident.clone());
    }
    let PathArguments::AngleBracketed(generic) = &last.arguments else { return None };
    generic.args.iter().find_map(|arg| match arg {
        GenericArgument::Type(inner) => bare_stranger(inner),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use syn::parse::{ParseStream, Parser as _};
    use syn::{Ident, Type};

    use super::{column_type, diesel_type};

    #[test]
    fn a_type_that_is_taken_as_it_stands_is_what_syn_reads() {
        let column: Ident = syn::parse_str("c").unwrap();
        let types = [
            "Integer",
            "Nullable<Text>",
            "Array<Nullable<Unsigned<Integer>>>",
            "Nullable<diesel::sql_types::Text>",
            "Text::Other",
            "Nullable<Text>::Other",
            "Array::<Text>",
            "Range<Text, Integer>",
            "Range<>",
            "(Text, Nullable<Text>)",
            "r#Text",
            "crate::Mood",
            "Mood",
        ];
        for text in types {
            let parser = |input: ParseStream<'_>| column_type(input, &column, true);
            let read = parser.parse_str(text).unwrap();
            assert_eq!(read, diesel_type(&syn::parse_str::<Type>(text).unwrap()).unwrap(), "{text}");
        }
    }
}
