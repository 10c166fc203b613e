//! Rust source text to declarations: `table!` and its relatives, SQL types, enums. Nothing is
//! compiled and no `cfg` is decided: what stands under one is read as if it held.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, ExprLit, GenericArgument, Ident, Item, Lit, LitInt, LitStr, Meta, PathArguments, Token, Type,
};

use super::types::is_diesels;
use super::{DieselType, ModelColumn, ModelTable};
use crate::catalog::Name;
use crate::error::{Error, Result};
use crate::place::Place;

/// What one file declares, names not yet resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declarations {
    pub tables: Vec<ModelTable>,
    pub joins: Vec<RawJoin>,
    /// SQL types by their Rust name.
    pub sql_types: Vec<(String, Name)>,
    pub enums: Vec<RawEnum>,
}

/// A `joinable!` with Rust names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawJoin {
    pub child: String,
    pub parent: String,
    pub column: String,
    pub at: Place,
}

/// An enum with the Rust name of its SQL type, or the SQL name itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEnum {
    pub rust_type: Option<String>,
    pub sql_name: Option<Name>,
    pub values: Vec<String>,
    pub at: Place,
}

/// Whether a file can say anything of the models. Cheap, and never wrong in the direction that
/// matters: what it denies declares nothing.
pub fn interesting(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 8] =
        [b"table!", b"view!", b"joinable!", b"DbEnum", b"postgres_type", b"diesel::Enum", b"table !", b"joinable !"];
    WORDS.iter().any(|word| contains(text, word))
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
    reader.items(&file.items, false)?;
    Ok(reader.found)
}

fn wrong(path: &str, error: &syn::Error, what: &str) -> Error {
    let at = error.span().start();
    Error::undecided(format!("{what}: {error}")).at(place(path, at.line, at.column))
}

fn place(path: &str, line: usize, column: usize) -> Place {
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
                Item::Macro(item) => {
                    let conditional = conditional || is_conditional(&item.attrs);
                    self.mac(&item.mac, conditional)?;
                }
                Item::Mod(module) if !is_test(&module.attrs) => {
                    if let Some((_, items)) = &module.content {
                        self.items(items, conditional || is_conditional(&module.attrs))?;
                    }
                }
                Item::Struct(item) => self.sql_type(&item.ident, &item.attrs),
                Item::Enum(item) => self.enum_type(item),
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
            let last = |path: &syn::Path| path.segments.last().map(|s| s.ident.unraw().to_string()).unwrap_or_default();
            let at = spot(path, column.span());
            Ok(RawJoin { child: last(&child), parent: last(&parent), column: column.unraw().to_string(), at })
        };
        let join = parser.parse2(tokens).map_err(|error| wrong(path, &error, "this joinable! does not parse"))?;
        self.found.joins.push(join);
        Ok(())
    }

    /// `#[diesel(postgres_type(name = "…", schema = "…"))]` on a struct.
    fn sql_type(&mut self, ident: &Ident, attrs: &[Attribute]) {
        for meta in metas(attrs) {
            let Meta::List(list) = &meta else { continue };
            let nested = match () {
                () if list.path.is_ident("diesel") => nested(list),
                () if list.path.is_ident("postgres") => vec![meta.clone()],
                () => continue,
            };
            for inner in nested {
                let Meta::List(inner) = inner else { continue };
                if !inner.path.is_ident("postgres_type") && !inner.path.is_ident("postgres") {
                    continue;
                }
                let (mut name, mut schema) = (None, None);
                for pair in self::nested(&inner) {
                    match text_of(&pair) {
                        Some((key, value)) if key == "name" || key == "type_name" => name = Some(value),
                        Some((key, value)) if key == "schema" || key == "type_schema" => schema = Some(value),
                        _ => {}
                    }
                }
                if let Some(name) = name {
                    let name = match schema {
                        Some(schema) => Name::qualified(schema, name),
                        None => Name::new(name),
                    };
                    self.found.sql_types.push((ident.to_string(), name));
                }
            }
        }
    }

    /// An enum of `diesel-derive-enum`, or of Diesel's own derive.
    fn enum_type(&mut self, item: &syn::ItemEnum) {
        let metas = metas(&item.attrs);
        let derives = metas.iter().filter_map(|meta| match meta {
            Meta::List(list) if list.path.is_ident("derive") => Some(paths(list)),
            _ => None,
        });
        let derives: Vec<syn::Path> = derives.flatten().collect();
        let ends = |path: &syn::Path, name: &str| path.segments.last().is_some_and(|s| s.ident == name);
        let is_diesel = |path: &syn::Path| ends(path, "Enum") && path.segments.iter().any(|s| s.ident == "diesel");
        if !derives.iter().any(|path| ends(path, "DbEnum") || is_diesel(path)) {
            return;
        }
        let options = options(&metas);
        let option =
            |names: &[&str]| options.iter().find(|(key, _)| names.contains(&key.as_str())).map(|(_, v)| v.clone());
        let style = option(&["DbValueStyle", "value_style"]).unwrap_or_else(|| "snake_case".to_owned());
        let rust_type = option(&["ExistingTypePath", "existing_type_path", "DieselTypePath", "sql_type"])
            .map(|path| path.rsplit("::").next().unwrap_or_default().trim().to_owned());
        let sql_name = option(&["PgType", "pg_type"]).map(Name::new);
        let sql_name = sql_name.or_else(|| rust_type.is_none().then(|| Name::new(snake_case(&item.ident.to_string()))));
        let values = item.variants.iter().map(|variant| {
            let renamed = self::options(&self::metas(&variant.attrs))
                .into_iter()
                .find(|(key, _)| key == "db_rename" || key == "rename")
                .map(|(_, value)| value);
            renamed.unwrap_or_else(|| styled(&variant.ident.unraw().to_string(), &style))
        });
        let values = values.collect();
        self.found.enums.push(RawEnum { rust_type, sql_name, values, at: spot(self.path, item.ident.span()) });
    }
}

fn spot(path: &str, span: Span) -> Place {
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
        // The same column under two `cfg`s: alternatives, of which the first stands.
        if !columns.iter().any(|c| c.name == column.name) {
            columns.push(column);
        }
        if body.peek(Token![,]) {
            body.parse::<Token![,]>()?;
        }
    }
    let rust_name = ident.unraw().to_string();
    let sql_name = attribute(&attrs, "sql_name").unwrap_or_else(|| rust_name.clone());
    let name = match schema {
        Some(schema) => Name::qualified(schema.unraw().to_string(), sql_name),
        None => Name::new(sql_name),
    };
    let sql_of = |ident: &Ident| {
        let rust = ident.unraw().to_string();
        columns.iter().find(|c| c.rust_name == rust).map_or(rust, |c| c.name.clone())
    };
    let primary_key = match key.as_slice() {
        [] => vec!["id".to_owned()],
        key => key.iter().map(sql_of).collect(),
    };
    let conditional = conditional || is_conditional(&attrs);
    Ok(ModelTable { name, rust_name, primary_key, columns, is_view, conditional, at: spot(path, ident.span()) })
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
    let rust_type = input.parse::<Type>()?;
    let mut ty = diesel_type(&rust_type)?;
    if let Some(stranger) = bare_stranger(&rust_type).filter(|_| !imports) {
        let text = format!("column {ident} has the type {stranger}, which Diesel does not have and no `use` brings in");
        return Err(syn::Error::new(stranger.span(), text));
    }
    let mut nullable = false;
    if ty.name == "Nullable" && ty.args.len() == 1 {
        nullable = true;
        ty = ty.args.remove(0);
    }
    let rust_name = ident.unraw().to_string();
    Ok(ModelColumn {
        name: attribute(&attrs, "sql_name").unwrap_or_else(|| rust_name.clone()),
        rust_name,
        ty,
        nullable,
        max_length: attrs.iter().find(|a| a.path().is_ident("max_length")).and_then(max_length),
        auto_increment: attrs.iter().any(|a| a.path().is_ident("auto_increment")),
        at: spot(path, ident.span()),
    })
}

fn max_length(attribute: &Attribute) -> Option<u32> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => LitInt::base10_parse(number).ok(),
        _ => None,
    }
}

fn diesel_type(ty: &Type) -> syn::Result<DieselType> {
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
            Ok(DieselType { name: last.ident.unraw().to_string(), args, sql_name: None })
        }
        Type::Tuple(tuple) => {
            let args = tuple.elems.iter().map(diesel_type).collect::<syn::Result<_>>()?;
            Ok(DieselType { name: "(…)".to_owned(), args, sql_name: None })
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

/// The text of `#[name = "…"]`.
fn attribute(attrs: &[Attribute], name: &str) -> Option<String> {
    metas(attrs).iter().filter_map(text_of).find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Every attribute's meta, with `cfg_attr` taken for granted.
fn metas(attrs: &[Attribute]) -> Vec<Meta> {
    let mut found = Vec::new();
    for attr in attrs {
        add_meta(&attr.meta, &mut found);
    }
    found
}

fn add_meta(meta: &Meta, found: &mut Vec<Meta>) {
    match meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            for inner in nested(list).iter().skip(1) {
                add_meta(inner, found);
            }
        }
        other => found.push(other.clone()),
    }
}

fn nested(list: &syn::MetaList) -> Vec<Meta> {
    list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        .map(|metas| metas.into_iter().collect())
        .unwrap_or_default()
}

fn paths(list: &syn::MetaList) -> Vec<syn::Path> {
    list.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated)
        .map(|paths| paths.into_iter().collect())
        .unwrap_or_default()
}

/// `name = "…"` pairs, also those inside of `#[db_enum(…)]` and `#[diesel(…)]`.
fn options(metas: &[Meta]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for meta in metas {
        match meta {
            Meta::List(list) if list.path.is_ident("db_enum") || list.path.is_ident("diesel") => {
                found.extend(options(&nested(list)));
            }
            other => found.extend(text_of(other)),
        }
    }
    found
}

fn text_of(meta: &Meta) -> Option<(String, String)> {
    let Meta::NameValue(pair) = meta else { return None };
    let key = pair.path.segments.last()?.ident.to_string();
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some((key, LitStr::value(text))),
        Expr::Path(path) => {
            let parts: Vec<_> = path.path.segments.iter().map(|s| s.ident.to_string()).collect();
            Some((key, parts.join("::")))
        }
        _ => None,
    }
}

fn is_conditional(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|a| a.path().is_ident("cfg"))
}

/// Whether a module is compiled for tests alone.
fn is_test(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("cfg") => nested(list).iter().any(|m| m.path().is_ident("test")),
        _ => false,
    })
}

/// A variant's name in a style of diesel-derive-enum.
fn styled(name: &str, style: &str) -> String {
    match style {
        "verbatim" => name.to_owned(),
        "camelCase" => {
            let mut chars = name.chars();
            chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
        }
        "PascalCase" => name.to_owned(),
        "SCREAMING_SNAKE_CASE" => snake_case(name).to_uppercase(),
        "UPPERCASE" => name.to_uppercase(),
        "kebab-case" => snake_case(name).replace('_', "-"),
        _ => snake_case(name),
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        if c.is_uppercase() {
            let after_lower = at > 0 && !chars[at - 1].is_uppercase();
            let before_lower = at > 0 && chars.get(at + 1).is_some_and(|next| next.is_lowercase());
            if (after_lower || before_lower) && !out.ends_with('_') {
                out.push('_');
            }
            out.extend(c.to_lowercase());
        } else {
            out.push(*c);
        }
    }
    out
}
