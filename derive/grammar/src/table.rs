//! What is said of a table: the keys of `#[ops(…)]` on the struct, and what Diesel's own attributes
//! say beside them.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, GenericArgument, LitStr, Meta, PathArguments, Token, Type};

use crate::field::{self, Embed, Field, FieldSays};
use crate::word::{At, Named, Text, each, equals, error, list, once, plain_number, truth};
use crate::{Action, Database, For, Timing};

/// A struct that derives `OpsModel`.
#[derive(Debug, Clone)]
pub struct Model {
    /// The struct's name.
    pub name: Named,
    pub columns: Columns,
    pub fields: Vec<Field>,
    pub embeds: Vec<Embed>,
    /// `#[diesel(primary_key(…))]`.
    pub diesel_key: Vec<Named>,
    pub says: Vec<For<Says>>,
}

/// Whose columns a struct states.
#[derive(Debug, Clone)]
pub enum Columns {
    /// Those of a table, by the Rust name in `#[diesel(table_name = …)]`.
    Of(Named),
    /// Shared ones, which other models embed.
    Shared(At),
}

/// One statement about a table.
#[derive(Debug, Clone)]
pub enum Says {
    Unique(Unique),
    Index(Index),
    Check(Check),
    Exclude(Exclude),
    ForeignKey(ForeignKey),
    PrimaryKey(PrimaryKey),
    Comment(Text),
    RenamedFrom(Text),
    History(History),
    Options(Options),
}

/// `history`, `history(suffix = "_version", keep = false)`.
#[derive(Debug, Clone)]
pub struct History {
    /// What stands behind the table's name in that of its history; `None`: the project's suffix, else
    /// [`HISTORY_SUFFIX`].
    pub suffix: Option<Text>,
    /// Whether the history outlives its table.
    pub keep: bool,
    pub span: At,
}

/// The suffix of histories where none is said.
pub const HISTORY_SUFFIX: &str = "_history";

/// What a history has beside the columns of its table.
pub const HISTORY_COLUMNS: [&str; 5] =
    ["history_id", "history_operation", "history_at", "history_by", "history_transaction"];

/// `unique(…)`.
#[derive(Debug, Clone)]
pub struct Unique {
    pub columns: Vec<Named>,
    pub name: Option<Text>,
    pub nulls_not_distinct: bool,
    pub timing: Timing,
    pub span: At,
}

/// `index(…)`.
#[derive(Debug, Clone)]
pub struct Index {
    pub parts: Vec<IndexPart>,
    pub name: Option<Text>,
    pub unique: bool,
    pub method: Option<Text>,
    pub predicate: Option<Text>,
    pub include: Vec<Named>,
    pub with: Option<Text>,
    pub nulls_not_distinct: bool,
    pub concurrent: bool,
    pub span: At,
}

/// One key of an index.
#[derive(Debug, Clone)]
pub struct IndexPart {
    pub key: IndexKey,
    pub descending: bool,
    pub nulls_first: Option<bool>,
    pub class: Option<Text>,
    pub collate: Option<Text>,
    /// MySQL: how many characters are indexed.
    pub prefix: Option<u32>,
}

/// What an index key is made of.
#[derive(Debug, Clone)]
pub enum IndexKey {
    Column(Named),
    Expr(Text),
}

/// `check(…)`.
#[derive(Debug, Clone)]
pub struct Check {
    pub expr: Text,
    pub name: Option<Text>,
}

/// `exclude(…)`, with what stands after EXCLUDE.
#[derive(Debug, Clone)]
pub struct Exclude {
    pub text: Text,
    pub name: Option<Text>,
}

/// `foreign_key(…)`.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    pub columns: Vec<Named>,
    pub target: Target,
    pub on_delete: Option<(Action, At)>,
    pub on_update: Option<(Action, At)>,
    pub timing: Timing,
    pub name: Option<Text>,
    pub span: At,
}

/// What a foreign key references; without columns, the primary key.
#[derive(Debug, Clone)]
pub struct Target {
    pub table: Named,
    pub columns: Vec<Named>,
}

/// `primary_key(…)`.
#[derive(Debug, Clone)]
pub struct PrimaryKey {
    pub columns: Vec<Named>,
    pub name: Option<Text>,
    pub span: At,
}

/// What a table is beside its columns.
#[derive(Debug, Clone)]
pub enum Options {
    Strict,
    WithoutRowid,
    Unlogged,
    PartitionBy(Text),
    Engine(Text),
    Charset(Text),
    Collate(Text),
}

impl Database {
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Some(match key {
            "postgres" => Self::Postgres,
            "sqlite" => Self::Sqlite,
            "mysql" => Self::Mysql,
            _ => return None,
        })
    }
}

impl IndexPart {
    /// A key with nothing special about it.
    pub fn new(key: IndexKey) -> Self {
        Self { key, descending: false, nulls_first: None, class: None, collate: None, prefix: None }
    }
}

const KEYS: &[&str] = &[
    "unique",
    "index",
    "check",
    "exclude",
    "foreign_key",
    "primary_key",
    "comment",
    "renamed_from",
    "history",
    "column",
    "columns",
    "shared",
    "postgres",
    "sqlite",
    "mysql",
];

const INDEX_KEYS: &[&str] =
    &["name", "unique", "method", "where", "include", "with", "nulls_not_distinct", "concurrent"];

const UNIQUE_KEYS: &[&str] = &["name", "nulls_not_distinct", "deferrable", "initially_deferred"];

pub(crate) const REFERENCE_KEYS: &[&str] = &["on_delete", "on_update", "name", "deferrable", "initially_deferred"];

/// The contents of each `#[ops(…)]`, those inside of `cfg_attr` included: no condition is evaluated.
pub(crate) fn ops(attributes: &[Attribute]) -> syn::Result<Vec<TokenStream>> {
    lists(attributes, "ops")
}

fn lists(attributes: &[Attribute], wanted: &str) -> syn::Result<Vec<TokenStream>> {
    let mut found = Vec::new();
    for attribute in attributes {
        lists_of(&attribute.meta, wanted, &mut found)?;
    }
    Ok(found)
}

fn lists_of(meta: &Meta, wanted: &str, found: &mut Vec<TokenStream>) -> syn::Result<()> {
    match meta {
        Meta::List(list) if list.path.is_ident(wanted) => found.push(list.tokens.clone()),
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
            for meta in metas.into_iter().flatten().skip(1) {
                lists_of(&meta, wanted, found)?;
            }
        }
        other if other.path().is_ident(wanted) && wanted == "ops" => {
            let span = other.path().segments.first().map_or_else(Span::call_site, |segment| segment.ident.span());
            return Err(error(span, "`ops` needs a list: #[ops(…)]"));
        }
        _ => {}
    }
    Ok(())
}

/// The entries of Diesel's attributes: each key with what stands behind it.
fn diesel(attributes: &[Attribute]) -> syn::Result<Vec<(Named, Vec<TokenTree>)>> {
    let mut found = Vec::new();
    for tokens in lists(attributes, "diesel")? {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let TokenTree::Ident(key) = token else { continue };
            let mut value = Vec::new();
            while let Some(token) = tokens.next_if(|token| !matches!(token, TokenTree::Punct(p) if p.as_char() == ','))
            {
                value.push(token);
            }
            found.push((Named::of(&key), value));
            tokens.next();
        }
    }
    Ok(found)
}

/// The last name of a path behind `=`.
fn last_name(value: &[TokenTree]) -> Option<Named> {
    value.iter().rev().find_map(|token| match token {
        TokenTree::Ident(ident) => Some(Named::of(ident)),
        TokenTree::Literal(literal) => {
            let text: LitStr = syn::parse2(TokenStream::from(TokenTree::from(literal.clone()))).ok()?;
            let name = text.value().rsplit("::").next().unwrap_or_default().to_owned();
            Some(Named { name, span: literal.span().into() })
        }
        _ => None,
    })
}

pub(crate) fn read(item: &DeriveInput) -> syn::Result<Model> {
    let name = Named::of(&item.ident);
    let Data::Struct(data) = &item.data else {
        return Err(error(name.span, "OpsModel is derived for structs alone"));
    };
    let mut errors = Errors::default();
    let mut model = Model {
        columns: Columns::Of(name.clone()),
        name: name.clone(),
        fields: Vec::new(),
        embeds: Vec::new(),
        diesel_key: Vec::new(),
        says: Vec::new(),
    };
    let (mut shared, mut table) = (None, None);
    for (key, value) in diesel(&item.attrs)? {
        match key.name.as_str() {
            "table_name" => table = last_name(&value),
            "primary_key" => model.diesel_key = names_in(&value),
            _ => {}
        }
    }
    match &data.fields {
        Fields::Named(fields) => {
            for field in &fields.named {
                errors.take(read_field(field, &mut model));
            }
        }
        Fields::Unit => {}
        Fields::Unnamed(_) => errors.add(error(name.span, "OpsModel needs fields with names")),
    }
    for tokens in ops(&item.attrs)? {
        let parser = |input: ParseStream<'_>| keys(input, None, &mut model, &mut shared);
        errors.take(parser.parse2(tokens));
    }
    match (shared, table) {
        (Some(span), None) => model.columns = Columns::Shared(span),
        (None, Some(table)) => model.columns = Columns::Of(table),
        (Some(span), Some(_)) => {
            errors.add(error(span, "`columns` are shared and have no table: leave table_name or `columns` out"));
        }
        (None, None) => errors.add(error(
            name.span,
            "which table is this? write #[diesel(table_name = …)], or #[ops(columns)] for shared columns",
        )),
    }
    errors.or(model)
}

/// All errors as one.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(known) => known.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn take(&mut self, result: syn::Result<()>) {
        if let Err(error) = result {
            self.add(error);
        }
    }

    pub(crate) fn or<T>(self, value: T) -> syn::Result<T> {
        match self.0 {
            Some(error) => Err(error),
            None => Ok(value),
        }
    }
}

/// The names in the parentheses behind a key.
fn names_in(value: &[TokenTree]) -> Vec<Named> {
    let Some(TokenTree::Group(group)) = value.first() else { return Vec::new() };
    let idents = group.stream().into_iter().filter_map(|token| match token {
        TokenTree::Ident(ident) => Some(Named::of(&ident)),
        _ => None,
    });
    idents.collect()
}

fn read_field(field: &syn::Field, model: &mut Model) -> syn::Result<()> {
    let Some(ident) = &field.ident else { return Ok(()) };
    let mut column = Named::of(ident);
    let (mut embed, mut other, mut diesel_type) = (false, false, None);
    for (key, value) in diesel(&field.attrs)? {
        match key.name.as_str() {
            "column_name" => column = last_name(&value).unwrap_or(column),
            "sql_type" => diesel_type = Some(value.into_iter().skip(1).collect()),
            "embed" => embed = true,
            "select_expression" | "select_expression_type" | "skip" => other = true,
            _ => {}
        }
    }
    let Some(says) = field::read(&field.attrs, &column)? else { return Ok(()) };
    if embed {
        if let Some(of) = last_of(&field.ty) {
            model.embeds.push(Embed { of, beside: false });
        }
        return match says.first() {
            Some(_) => Err(error(ident.span(), "an embedded struct is no column: write its keys there")),
            None => Ok(()),
        };
    }
    if other {
        return Ok(());
    }
    let inner = option_of(&field.ty);
    let ty = tokens_of(inner.unwrap_or(&field.ty));
    model.fields.push(Field { column, ty: Some(ty), optional: Some(inner.is_some()), diesel_type, says });
    Ok(())
}

fn last_of(ty: &Type) -> Option<Named> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| Named::of(&segment.ident)),
        _ => None,
    }
}

/// What is inside of an `Option`.
fn option_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

fn tokens_of(ty: &Type) -> TokenStream {
    quote::ToTokens::to_token_stream(ty)
}

fn keys(input: ParseStream<'_>, only: Option<Database>, model: &mut Model, shared: &mut Option<At>) -> syn::Result<()> {
    each(input, |input| {
        let key = Named::parse(input)?;
        if let Some(database) = Database::from_key(&key.name) {
            if only.is_some() {
                return Err(error(key.span, format!("`{}` stands inside of another database's list", key.name)));
            }
            return list(input, &key, |input| keys(input, Some(database), model, shared));
        }
        match key.name.as_str() {
            "columns" if only.is_none() => *shared = Some(key.span),
            "shared" if only.is_none() => {
                let names = list(input, &key, names)?;
                model.embeds.extend(names.into_iter().map(|of| Embed { of, beside: true }));
            }
            "column" if only.is_none() => model.fields.push(list(input, &key, column)?),
            _ => {
                let says = one(input, &key, only)?;
                model.says.push(For { only, says });
            }
        }
        Ok(())
    })
}

fn one(input: ParseStream<'_>, key: &Named, only: Option<Database>) -> syn::Result<Says> {
    let text = |input: ParseStream<'_>| {
        equals(input, key)?;
        Text::parse(input, &key.name)
    };
    Ok(match (key.name.as_str(), only) {
        ("unique", _) => Says::Unique(list(input, key, |input| unique(input, key.span))?),
        ("index", _) => Says::Index(list(input, key, |input| index(input, key.span))?),
        ("check", _) => Says::Check(list(input, key, check)?),
        ("exclude", _) => Says::Exclude(list(input, key, exclude)?),
        ("foreign_key", _) => Says::ForeignKey(list(input, key, |input| foreign_key(input, key))?),
        ("primary_key", _) => Says::PrimaryKey(list(input, key, |input| primary_key(input, key.span))?),
        ("comment", _) => Says::Comment(text(input)?),
        ("renamed_from", _) => Says::RenamedFrom(text(input)?),
        ("history", _) => Says::History(history(input, key)?),
        ("strict", Some(Database::Sqlite)) => Says::Options(Options::Strict),
        ("without_rowid", Some(Database::Sqlite)) => Says::Options(Options::WithoutRowid),
        ("unlogged", Some(Database::Postgres)) => Says::Options(Options::Unlogged),
        ("partition_by", Some(Database::Postgres)) => Says::Options(Options::PartitionBy(text(input)?)),
        ("engine", Some(Database::Mysql)) => Says::Options(Options::Engine(text(input)?)),
        ("charset", Some(Database::Mysql)) => Says::Options(Options::Charset(text(input)?)),
        ("collate", Some(Database::Mysql)) => Says::Options(Options::Collate(text(input)?)),
        (_, only) => {
            let options: &[&str] = match only {
                Some(Database::Sqlite) => &["strict", "without_rowid"],
                Some(Database::Postgres) => &["unlogged", "partition_by"],
                Some(Database::Mysql) => &["engine", "charset", "collate"],
                None => &[],
            };
            let all: Vec<&str> = KEYS.iter().chain(options).copied().collect();
            return Err(key.unknown("key", &all));
        }
    })
}

fn history(input: ParseStream<'_>, key: &Named) -> syn::Result<History> {
    let (mut suffix, mut keep) = (None, None);
    if input.peek(Token![=]) {
        return Err(error(key.span, "`history` takes a list: history(suffix = \"_version\"), or nothing"));
    }
    if input.peek(syn::token::Paren) {
        list(input, key, |input| {
            each(input, |input| {
                let key = Named::parse(input)?;
                match key.name.as_str() {
                    "suffix" => {
                        equals(input, &key)?;
                        once(&mut suffix, Text::parse(input, "suffix")?, &key)
                    }
                    "keep" => {
                        equals(input, &key)?;
                        once(&mut keep, truth(input, "keep")?, &key)
                    }
                    _ => Err(key.unknown("key", &["suffix", "keep"])),
                }
            })
        })?;
    }
    Ok(History { suffix, keep: keep.unwrap_or(true), span: key.span })
}

/// `column(name, …)`.
fn column(input: ParseStream<'_>) -> syn::Result<Field> {
    let column = Named::parse(input)?;
    let mut says = Vec::new();
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    field::keys(input, &column, None, &mut says, &mut false)?;
    Ok(Field { column, ty: None, optional: None, diesel_type: None, says })
}

/// The keys that uniques and references have.
fn timing_key(key: &Named, timing: &mut Timing) -> bool {
    match key.name.as_str() {
        "deferrable" if *timing == Timing::AtOnce => *timing = Timing::Deferrable,
        "deferrable" => {}
        "initially_deferred" => *timing = Timing::InitiallyDeferred,
        _ => return false,
    }
    true
}

pub(crate) fn unique(input: ParseStream<'_>, span: At) -> syn::Result<Unique> {
    let mut found = Unique { columns: Vec::new(), name: None, nulls_not_distinct: false, timing: Timing::AtOnce, span };
    each(input, |input| {
        let key = Named::parse(input)?;
        if input.peek(Token![=]) {
            if key.name != "name" {
                return Err(key.unknown("key", UNIQUE_KEYS));
            }
            equals(input, &key)?;
            return once(&mut found.name, Text::parse(input, "name")?, &key);
        }
        if key.name == "nulls_not_distinct" {
            found.nulls_not_distinct = true;
        } else if !timing_key(&key, &mut found.timing) {
            found.columns.push(key);
        }
        Ok(())
    })?;
    Ok(found)
}

pub(crate) fn index(input: ParseStream<'_>, span: At) -> syn::Result<Index> {
    let mut found = Index {
        parts: Vec::new(),
        name: None,
        unique: false,
        method: None,
        predicate: None,
        include: Vec::new(),
        with: None,
        nulls_not_distinct: false,
        concurrent: false,
        span,
    };
    each(input, |input| {
        if input.peek(LitStr) {
            let expr = Text::sql(input, "index")?;
            found.parts.push(index_part(input, IndexKey::Expr(expr))?);
            return Ok(());
        }
        let key = Named::parse(input)?;
        if input.peek(Token![=]) {
            return index_key(input, &key, &mut found);
        }
        match key.name.as_str() {
            "unique" => found.unique = true,
            "concurrent" => found.concurrent = true,
            "nulls_not_distinct" => found.nulls_not_distinct = true,
            "include" if input.peek(syn::token::Paren) => found.include = list(input, &key, names)?,
            _ => found.parts.push(index_part(input, IndexKey::Column(key))?),
        }
        Ok(())
    })?;
    Ok(found)
}

fn index_key(input: ParseStream<'_>, key: &Named, found: &mut Index) -> syn::Result<()> {
    equals(input, key)?;
    match key.name.as_str() {
        "name" => once(&mut found.name, Text::parse(input, "name")?, key),
        "method" => once(&mut found.method, Text::parse(input, "method")?, key),
        "where" => once(&mut found.predicate, Text::sql(input, "where")?, key),
        "with" => once(&mut found.with, Text::sql(input, "with")?, key),
        _ => Err(key.unknown("key", INDEX_KEYS)),
    }
}

/// What follows a key of an index: `desc nulls_last class "…" collate "…" prefix 10`.
fn index_part(input: ParseStream<'_>, key: IndexKey) -> syn::Result<IndexPart> {
    let mut part = IndexPart::new(key);
    while !input.is_empty() && !input.peek(Token![,]) {
        let word = Named::parse(input)?;
        match word.name.as_str() {
            "asc" => part.descending = false,
            "desc" => part.descending = true,
            "nulls_first" => part.nulls_first = Some(true),
            "nulls_last" => part.nulls_first = Some(false),
            "class" => once(&mut part.class, Text::parse(input, "class")?, &word)?,
            "collate" => once(&mut part.collate, Text::parse(input, "collate")?, &word)?,
            "prefix" => part.prefix = Some(plain_number(input, &word)?),
            _ => {
                return Err(
                    word.unknown("word", &["asc", "desc", "nulls_first", "nulls_last", "class", "collate", "prefix"])
                );
            }
        }
    }
    Ok(part)
}

fn names(input: ParseStream<'_>) -> syn::Result<Vec<Named>> {
    let mut found = Vec::new();
    each(input, |input| {
        found.push(Named::parse(input)?);
        Ok(())
    })?;
    Ok(found)
}

/// An SQL text and perhaps a name.
fn named_sql(input: ParseStream<'_>, of: &str) -> syn::Result<(Text, Option<Text>)> {
    let (mut text, mut name) = (None, None);
    let at = input.span();
    each(input, |input| {
        if input.peek(LitStr) {
            let key = Named { name: of.to_owned(), span: input.span().into() };
            return once(&mut text, Text::sql(input, of)?, &key);
        }
        let key = Named::parse(input)?;
        if key.name != "name" {
            return Err(key.unknown("key", &["name"]));
        }
        equals(input, &key)?;
        once(&mut name, Text::parse(input, "name")?, &key)
    })?;
    let text = text.ok_or_else(|| error(at, format!("`{of}` needs SQL in a text: {of}(\"…\")")))?;
    Ok((text, name))
}

pub(crate) fn check(input: ParseStream<'_>) -> syn::Result<Check> {
    let (expr, name) = named_sql(input, "check")?;
    Ok(Check { expr, name })
}

fn exclude(input: ParseStream<'_>) -> syn::Result<Exclude> {
    let (text, name) = named_sql(input, "exclude")?;
    Ok(Exclude { text, name })
}

fn primary_key(input: ParseStream<'_>, span: At) -> syn::Result<PrimaryKey> {
    let mut found = PrimaryKey { columns: Vec::new(), name: None, span };
    each(input, |input| {
        let key = Named::parse(input)?;
        if !input.peek(Token![=]) {
            found.columns.push(key);
            return Ok(());
        }
        if key.name != "name" {
            return Err(key.unknown("key", &["name"]));
        }
        equals(input, &key)?;
        once(&mut found.name, Text::parse(input, "name")?, &key)
    })?;
    Ok(found)
}

/// One of the keys that `references` and `foreign_key` share; false for another.
pub(crate) fn reference_key(
    input: ParseStream<'_>,
    key: &Named,
    on_delete: &mut Option<(Action, At)>,
    on_update: &mut Option<(Action, At)>,
    timing: &mut Timing,
    name: &mut Option<Text>,
) -> syn::Result<bool> {
    match key.name.as_str() {
        "on_delete" => once(on_delete, action(input, key)?, key)?,
        "on_update" => once(on_update, action(input, key)?, key)?,
        "name" => {
            equals(input, key)?;
            once(name, Text::parse(input, "name")?, key)?;
        }
        _ => return Ok(timing_key(key, timing)),
    }
    Ok(true)
}

fn action(input: ParseStream<'_>, key: &Named) -> syn::Result<(Action, At)> {
    equals(input, key)?;
    let word = Named::parse(input)?;
    let action = match word.name.to_ascii_lowercase().replace(' ', "_").as_str() {
        "no_action" => Action::NoAction,
        "restrict" => Action::Restrict,
        "cascade" => Action::Cascade,
        "set_null" => Action::SetNull,
        "set_default" => Action::SetDefault,
        _ => return Err(word.unknown("action", &["no_action", "restrict", "cascade", "set_null", "set_default"])),
    };
    Ok((action, word.span))
}

fn foreign_key(input: ParseStream<'_>, key: &Named) -> syn::Result<ForeignKey> {
    let (mut columns, mut target) = (Vec::new(), None);
    let (mut on_delete, mut on_update, mut timing, mut name) = (None, None, Timing::AtOnce, None);
    each(input, |input| {
        let key = Named::parse(input)?;
        if key.name == "references" {
            equals(input, &key)?;
            return once(&mut target, Target::parse_list(input)?, &key);
        }
        if input.peek(Token![=]) || timing_key(&key, &mut timing) {
            if !input.peek(Token![=]) {
                return Ok(());
            }
            let known = reference_key(input, &key, &mut on_delete, &mut on_update, &mut timing, &mut name)?;
            return if known {
                Ok(())
            } else {
                let all: Vec<&str> = ["references"].iter().chain(REFERENCE_KEYS).copied().collect();
                Err(key.unknown("key", &all))
            };
        }
        columns.push(key);
        Ok(())
    })?;
    let target = target.ok_or_else(|| {
        error(key.span, "`foreign_key` needs what it references: foreign_key(a, b, references = parent(x, y))")
    })?;
    Ok(ForeignKey { columns, target, on_delete, on_update, timing, name, span: key.span })
}

impl Target {
    /// `parent.column` or `parent`.
    pub(crate) fn parse_dotted(input: ParseStream<'_>, key: &Named) -> syn::Result<Self> {
        if input.is_empty() {
            return Err(error(key.span, "`references` needs a table: references(parent.column)"));
        }
        let table = Named::parse(input)?;
        let mut columns = Vec::new();
        if input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
            columns.push(Named::parse(input)?);
        }
        Ok(Self { table, columns })
    }

    /// `parent(x, y)` or `parent`.
    fn parse_list(input: ParseStream<'_>) -> syn::Result<Self> {
        let table = Named::parse(input)?;
        let columns = if input.peek(syn::token::Paren) { list(input, &table, names)? } else { Vec::new() };
        Ok(Self { table, columns })
    }
}

impl Model {
    /// The statements of one field's column.
    pub(crate) fn field_says(&self) -> impl Iterator<Item = (&Field, &For<FieldSays>)> {
        self.fields.iter().flat_map(|field| field.says.iter().map(move |says| (field, says)))
    }
}
