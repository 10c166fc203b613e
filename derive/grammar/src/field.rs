//! What is said of one column: the keys of a field, and of `column(…)` on the struct.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Attribute, LitBool, Token};

use crate::table::{self, Check, Index, IndexKey, IndexPart, Target, Unique};
use crate::word::{At, Named, Text, each, equals, error, list, number, once, plain_number};
use crate::{Action, Database, For, Timing};

/// A column: a field of the struct, or a `column(…)` of it.
#[derive(Debug, Clone)]
pub struct Field {
    /// The column's Rust name: that of the field, or of `#[diesel(column_name = …)]`.
    pub column: Named,
    /// The field's Rust type without `Option`; `None` for `column(…)`.
    pub ty: Option<TokenStream>,
    /// Whether the type is an `Option`; `None` for `column(…)`.
    pub optional: Option<bool>,
    /// `#[diesel(sql_type = …)]`.
    pub diesel_type: Option<TokenStream>,
    pub says: Vec<For<FieldSays>>,
}

/// Another struct whose columns the table has: a field that holds it (`#[diesel(embed)]`), or a name
/// in `shared(…)`.
#[derive(Debug, Clone)]
pub struct Embed {
    /// The last segment of the type's path.
    pub of: Named,
    /// For `shared(…)`: the columns may be fields of this struct too, about which nothing is said
    /// here. Diesel cannot select an embedded struct from several tables.
    pub beside: bool,
}

/// One statement about a column.
#[derive(Debug, Clone)]
pub enum FieldSays {
    PrimaryKey(At),
    Unique(Unique),
    Index(Index),
    Check(Check),
    Default(Default),
    Generated(Generated),
    References(References),
    MaxLength(u32, At),
    Precision(u32, Option<i32>, At),
    SqlType(Text),
    Collate(Text),
    Charset(Text),
    Identity(Identity),
    Sequence(Sequence),
    OnUpdate(Text),
    Comment(Text),
    RenamedFrom(Text),
    Backfill(Text),
    Using(Text),
    Nullable(bool, At),
}

/// A default.
pub type Default = Text;

/// `generated`.
#[derive(Debug, Clone)]
pub struct Generated {
    pub expr: Text,
    pub stored: bool,
}

/// `references(…)`.
#[derive(Debug, Clone)]
pub struct References {
    pub target: Target,
    pub on_delete: Option<(Action, At)>,
    pub on_update: Option<(Action, At)>,
    pub timing: Timing,
    pub name: Option<Text>,
}

/// `identity`; `Identity::off` for `identity = false`.
#[derive(Debug, Clone)]
pub struct Identity {
    pub off: bool,
    pub always: bool,
    /// As SQL.
    pub options: String,
    pub span: At,
}

/// `sequence`: a default that counts.
#[derive(Debug, Clone)]
pub struct Sequence {
    /// One that is not the column's own, made as `serial` makes it.
    pub name: Option<Text>,
    /// As SQL.
    pub options: String,
    pub span: At,
}

impl FieldSays {
    /// The key that says it.
    pub fn key(&self) -> &'static str {
        match self {
            Self::PrimaryKey(_) => "primary_key",
            Self::Unique(_) => "unique",
            Self::Index(_) => "index",
            Self::Check(_) => "check",
            Self::Default(_) => "default",
            Self::Generated(_) => "generated",
            Self::References(_) => "references",
            Self::MaxLength(..) => "max_length",
            Self::Precision(..) => "precision",
            Self::SqlType(_) => "sql_type",
            Self::Collate(_) => "collate",
            Self::Charset(_) => "charset",
            Self::Identity(_) => "identity",
            Self::Sequence(_) => "sequence",
            Self::OnUpdate(_) => "on_update",
            Self::Comment(_) => "comment",
            Self::RenamedFrom(_) => "renamed_from",
            Self::Backfill(_) => "backfill",
            Self::Using(_) => "using",
            Self::Nullable(..) => "nullable",
        }
    }

    /// Whether it may be said several times of one column.
    pub(crate) fn repeats(&self) -> bool {
        matches!(self, Self::Index(_) | Self::Check(_) | Self::References(_))
    }
}

const KEYS: &[&str] = &[
    "primary_key",
    "unique",
    "index",
    "check",
    "default",
    "generated",
    "references",
    "max_length",
    "precision",
    "sql_type",
    "collate",
    "charset",
    "identity",
    "sequence",
    "on_update",
    "comment",
    "renamed_from",
    "backfill",
    "using",
    "nullable",
    "skip",
    "postgres",
    "sqlite",
    "mysql",
];

/// The statements of the `#[ops(…)]` of a field; `None` where it is no column.
pub(crate) fn read(attributes: &[Attribute], column: &Named) -> syn::Result<Option<Vec<For<FieldSays>>>> {
    let (mut says, mut skip) = (Vec::new(), false);
    for tokens in table::ops(attributes)? {
        let parser = |input: ParseStream<'_>| keys(input, column, None, &mut says, &mut skip);
        syn::parse::Parser::parse2(parser, tokens)?;
    }
    Ok((!skip).then_some(says))
}

/// The keys of a field, up to the end of their list.
pub(crate) fn keys(
    input: ParseStream<'_>,
    column: &Named,
    only: Option<Database>,
    says: &mut Vec<For<FieldSays>>,
    skip: &mut bool,
) -> syn::Result<()> {
    each(input, |input| {
        let key = Named::parse(input)?;
        if let Some(database) = Database::from_key(&key.name) {
            if only.is_some() {
                return Err(error(key.span, format!("`{}` stands inside of another database's list", key.name)));
            }
            return list(input, &key, |input| keys(input, column, Some(database), says, skip));
        }
        if key.name == "skip" {
            *skip = true;
            return Ok(());
        }
        let one = one(input, &key, column)?;
        let twice = says.iter().any(|known| known.only == only && known.says.key() == one.key());
        if twice && !one.repeats() {
            return Err(error(key.span, format!("`{}` is said twice", key.name)));
        }
        says.push(For { only, says: one });
        Ok(())
    })
}

fn one(input: ParseStream<'_>, key: &Named, column: &Named) -> syn::Result<FieldSays> {
    let text = |input: ParseStream<'_>| {
        equals(input, key)?;
        Text::parse(input, &key.name)
    };
    let sql = |input: ParseStream<'_>| {
        equals(input, key)?;
        Text::sql(input, &key.name)
    };
    Ok(match key.name.as_str() {
        "primary_key" => FieldSays::PrimaryKey(key.span),
        "unique" => FieldSays::Unique(Unique { columns: vec![column.clone()], ..optional(input, key, table::unique)? }),
        "index" => {
            let mut index = optional(input, key, table::index)?;
            if index.parts.is_empty() {
                index.parts.push(IndexPart::new(IndexKey::Column(column.clone())));
            }
            FieldSays::Index(index)
        }
        "check" => FieldSays::Check(list(input, key, table::check)?),
        "default" => {
            equals(input, key)?;
            FieldSays::Default(Text::value(input, "default")?)
        }
        "generated" => FieldSays::Generated(generated(input, key)?),
        "references" => FieldSays::References(list(input, key, |input| references(input, key))?),
        "max_length" => FieldSays::MaxLength(number(input, key)?, key.span),
        "precision" => precision(input, key)?,
        "sql_type" => FieldSays::SqlType(sql(input)?),
        "collate" => FieldSays::Collate(text(input)?),
        "charset" => FieldSays::Charset(text(input)?),
        "identity" => FieldSays::Identity(identity(input, key)?),
        "sequence" => {
            let (name, options, _) = counting(input, key, false)?;
            FieldSays::Sequence(Sequence { name, options, span: key.span })
        }
        "on_update" => FieldSays::OnUpdate(sql(input)?),
        "comment" => FieldSays::Comment(text(input)?),
        "renamed_from" => FieldSays::RenamedFrom(text(input)?),
        "backfill" => {
            equals(input, key)?;
            FieldSays::Backfill(Text::value(input, "backfill")?)
        }
        "using" => FieldSays::Using(sql(input)?),
        "nullable" => FieldSays::Nullable(truth(input)?.unwrap_or(true), key.span),
        _ => return Err(key.unknown("key", KEYS)),
    })
}

/// What a list says that may be left out.
fn optional<T>(
    input: ParseStream<'_>,
    key: &Named,
    read: impl Fn(ParseStream<'_>, At) -> syn::Result<T>,
) -> syn::Result<T> {
    if input.peek(syn::token::Paren) {
        return list(input, key, |input| read(input, key.span));
    }
    syn::parse::Parser::parse2(|input: ParseStream<'_>| read(input, key.span), TokenStream::new())
}

fn truth(input: ParseStream<'_>) -> syn::Result<Option<bool>> {
    if !input.peek(Token![=]) {
        return Ok(None);
    }
    input.parse::<Token![=]>()?;
    Ok(Some(input.parse::<LitBool>()?.value))
}

fn generated(input: ParseStream<'_>, key: &Named) -> syn::Result<Generated> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(Generated { expr: Text::sql(input, "generated")?, stored: true });
    }
    list(input, key, |input| {
        let expr = Text::sql(input, "generated")?;
        let mut stored = true;
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let word = Named::parse(input)?;
            match word.name.as_str() {
                "stored" => stored = true,
                "virtual" => stored = false,
                _ => return Err(word.unknown("word", &["stored", "virtual"])),
            }
        }
        Ok(Generated { expr, stored })
    })
}

fn precision(input: ParseStream<'_>, key: &Named) -> syn::Result<FieldSays> {
    if input.peek(Token![=]) {
        return Ok(FieldSays::Precision(number(input, key)?, None, key.span));
    }
    list(input, key, |input| {
        let digits = plain_number(input, key)?;
        let mut scale = None;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                scale = Some(plain_number(input, key)?);
            }
        }
        Ok(FieldSays::Precision(digits, scale, key.span))
    })
}

fn references(input: ParseStream<'_>, key: &Named) -> syn::Result<References> {
    let target = Target::parse_dotted(input, key)?;
    let mut found = References { target, on_delete: None, on_update: None, timing: Timing::AtOnce, name: None };
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    each(input, |input| {
        let key = Named::parse(input)?;
        let known = table::reference_key(
            input,
            &key,
            &mut found.on_delete,
            &mut found.on_update,
            &mut found.timing,
            &mut found.name,
        )?;
        if known { Ok(()) } else { Err(key.unknown("key", table::REFERENCE_KEYS)) }
    })?;
    Ok(found)
}

fn identity(input: ParseStream<'_>, key: &Named) -> syn::Result<Identity> {
    if let Some(on) = truth(input)? {
        return Ok(Identity { off: !on, always: false, options: String::new(), span: key.span });
    }
    let (_, options, always) = counting(input, key, true)?;
    Ok(Identity { off: false, always, options, span: key.span })
}

/// The options of what counts: its name, the rest as SQL, and whether it is `always`.
fn counting(input: ParseStream<'_>, key: &Named, identity: bool) -> syn::Result<(Option<Text>, String, bool)> {
    let (mut name, mut always, mut words) = (None, false, Vec::new());
    if !input.peek(syn::token::Paren) {
        return Ok((None, String::new(), false));
    }
    list(input, key, |input| {
        each(input, |input| {
            let key = Named::parse(input)?;
            let sql = match key.name.as_str() {
                "always" if identity => {
                    always = true;
                    return Ok(());
                }
                "by_default" if identity => return Ok(()),
                "name" if !identity => {
                    equals(input, &key)?;
                    return once(&mut name, Text::parse(input, "name")?, &key);
                }
                "cycle" => {
                    words.push("CYCLE".to_owned());
                    return Ok(());
                }
                "start" => "START WITH",
                "increment" => "INCREMENT BY",
                "min" => "MINVALUE",
                "max" => "MAXVALUE",
                "cache" => "CACHE",
                _ => {
                    let own: &[&str] = if identity { &["always", "by_default"] } else { &["name"] };
                    let all: Vec<&str> =
                        own.iter().chain(&["start", "increment", "min", "max", "cache", "cycle"]).copied().collect();
                    return Err(key.unknown("key", &all));
                }
            };
            words.push(format!("{sql} {}", number::<i64>(input, &key)?));
            Ok(())
        })
    })?;
    Ok((name, words.join(" "), always))
}
