//! The small parts that every statement is made of: names, texts, `key = value`.

use std::fmt::Display;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Ident, Lit, LitBool, LitInt, LitStr, Token};

use crate::nearest;

/// Where a word stands. A span is good only as long as its source is at hand; its place stays.
#[derive(Debug, Clone, Copy)]
pub struct At {
    pub span: Span,
    /// From 1; 0 without the feature `places`.
    pub line: usize,
    /// In characters, from 0.
    pub column: usize,
}

impl From<Span> for At {
    fn from(span: Span) -> Self {
        #[cfg(feature = "places")]
        let (line, column) = (span.start().line, span.start().column);
        #[cfg(not(feature = "places"))]
        let (line, column) = (0, 0);
        Self { span, line, column }
    }
}

impl From<At> for Span {
    fn from(at: At) -> Self {
        at.span
    }
}

/// What is wrong, and where.
pub(crate) fn error(at: impl Into<Span>, message: impl Display) -> syn::Error {
    syn::Error::new(at.into(), message)
}

/// A name: of a column, a table, a key.
#[derive(Debug, Clone)]
pub struct Named {
    pub name: String,
    pub span: At,
}

/// A text: SQL, a comment, the name of an object.
#[derive(Debug, Clone)]
pub struct Text {
    pub value: String,
    pub span: At,
}

impl Named {
    pub(crate) fn of(ident: &Ident) -> Self {
        Self { name: ident.unraw().to_string(), span: ident.span().into() }
    }

    /// The next token, which has to be a name; keywords are names here.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            return Ok(Self { name: text.value(), span: text.span().into() });
        }
        input.call(Ident::parse_any).map(|ident| Self::of(&ident))
    }

    pub(crate) fn unknown(&self, what: &str, names: &[&str]) -> syn::Error {
        error(self.span, format!("unknown {what} `{}`{}", self.name, nearest::hint(&self.name, names)))
    }
}

impl Text {
    /// A string literal.
    pub(crate) fn parse(input: ParseStream<'_>, of: &str) -> syn::Result<Self> {
        let wrong = |found: syn::Error| error(found.span(), format!("`{of}` takes a text: {of} = \"…\""));
        let text: LitStr = input.parse().map_err(wrong)?;
        Ok(Self { value: text.value(), span: text.span().into() })
    }

    /// A string literal that holds SQL.
    pub(crate) fn sql(input: ParseStream<'_>, of: &str) -> syn::Result<Self> {
        Self::parse(input, of)?.checked()
    }

    pub(crate) fn checked(self) -> syn::Result<Self> {
        match crate::sql::mistake(&self.value) {
            Some(mistake) => Err(error(self.span, mistake)),
            None => Ok(self),
        }
    }

    /// A string literal that holds SQL, or a number or a truth value.
    pub(crate) fn value(input: ParseStream<'_>, of: &str) -> syn::Result<Self> {
        let minus = input.parse::<Option<Token![-]>>()?.is_some();
        let wrong = |span: Span| error(span, format!("`{of}` takes SQL in a text, a number or a truth value"));
        let literal: Lit = input.parse().map_err(|error: syn::Error| wrong(error.span()))?;
        let span: Span = literal.span();
        let value = match literal {
            Lit::Str(text) if !minus => return Self { value: text.value(), span: span.into() }.checked(),
            Lit::Int(number) => number.base10_digits().to_owned(),
            Lit::Float(number) => number.base10_digits().to_owned(),
            Lit::Bool(truth) if !minus => truth.value.to_string(),
            _ => return Err(wrong(span)),
        };
        Ok(Self { value: if minus { format!("-{value}") } else { value }, span: span.into() })
    }
}

/// `= value`, which has to follow a key.
pub(crate) fn equals(input: ParseStream<'_>, key: &Named) -> syn::Result<()> {
    if input.peek(Token![=]) {
        return input.parse::<Token![=]>().map(drop);
    }
    Err(error(key.span, format!("`{0}` needs a value: {0} = …", key.name)))
}

/// The list in parentheses that has to follow a key.
pub(crate) fn list<T>(
    input: ParseStream<'_>,
    key: &Named,
    read: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    if !input.peek(syn::token::Paren) {
        return Err(error(key.span, format!("`{0}` needs a list: {0}(…)", key.name)));
    }
    let inner;
    syn::parenthesized!(inner in input);
    read(&inner)
}

/// A whole number behind `=`.
pub(crate) fn number<N: std::str::FromStr<Err: std::fmt::Display>>(
    input: ParseStream<'_>,
    key: &Named,
) -> syn::Result<N> {
    equals(input, key)?;
    plain_number(input, key)
}

/// A whole number.
pub(crate) fn plain_number<N: std::str::FromStr<Err: std::fmt::Display>>(
    input: ParseStream<'_>,
    key: &Named,
) -> syn::Result<N> {
    let minus = input.parse::<Option<Token![-]>>()?.is_some();
    let wrong = |span: Span| error(span, format!("`{}` takes a whole number", key.name));
    let number: LitInt = input.parse().map_err(|error: syn::Error| wrong(error.span()))?;
    let digits = format!("{}{}", if minus { "-" } else { "" }, number.base10_digits());
    digits.parse().map_err(|_| wrong(number.span()))
}

/// `true` or `false`.
pub(crate) fn truth(input: ParseStream<'_>, of: &str) -> syn::Result<bool> {
    let wrong = |found: syn::Error| error(found.span(), format!("`{of}` takes true or false"));
    input.parse::<LitBool>().map(|truth| truth.value).map_err(wrong)
}

/// Each part of a list, up to its end.
pub(crate) fn each(
    input: ParseStream<'_>,
    mut read: impl FnMut(ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    while !input.is_empty() {
        read(input)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// Takes a value that may be said once.
pub(crate) fn once<T>(place: &mut Option<T>, value: T, key: &Named) -> syn::Result<()> {
    if place.is_some() {
        return Err(error(key.span, format!("`{}` is said twice", key.name)));
    }
    *place = Some(value);
    Ok(())
}
