//! Structs that derive `OpsModel`, as their file has them: the grammar's statements, with the Rust
//! types of the fields.

use ops_migrate_grammar as grammar;
use quote::ToTokens as _;
use syn::{ItemStruct, Type};

use crate::error::{Error, Result};
use crate::models::DieselType;
use crate::models::attributes::{derives, entries, last_segment};
use crate::models::parse::{diesel_type, place, spot};
use crate::models::structs::{certain_type, name_of};
use crate::place::Place;

/// A struct as written in one file.
#[derive(Debug, Clone)]
pub struct RawOwner {
    pub(super) model: grammar::Model,
    /// By field: what the Rust type tells.
    pub(super) types: Vec<RustType>,
    pub(super) path: String,
    /// The struct's tokens, which say whether two are the same.
    text: String,
    pub(super) at: Place,
}

/// What a field's Rust type tells.
#[derive(Debug, Clone, Default)]
pub(super) struct RustType {
    /// Its last name.
    pub(super) name: String,
    /// `#[diesel(sql_type = …)]`.
    pub(super) stated: Option<DieselType>,
    /// The SQL type that it stands for, where that is but one.
    pub(super) certain: Option<DieselType>,
}

impl PartialEq for RawOwner {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, &self.at) == (&other.text, &other.at)
    }
}

impl Eq for RawOwner {}

impl RawOwner {
    /// Whether it names structs whose columns may be fields of its own.
    pub(super) fn says_shared(&self) -> bool {
        self.model.embeds.iter().any(|embed| embed.beside)
    }

    pub(super) fn place(&self, at: grammar::At) -> Place {
        place(&self.path, at.line, at.column)
    }
}

/// Reads a struct; `None` where it does not derive `OpsModel`.
///
/// # Errors
/// The first mistake that the derive would report, in the same words.
pub(in crate::models) fn read_owner(path: &str, item: &ItemStruct) -> Result<Option<RawOwner>> {
    if item.attrs.len() < 2 || !derives(&entries(&item.attrs)).iter().any(|name| last_segment(name) == "OpsModel") {
        return Ok(None);
    }
    let tokens = item.to_token_stream();
    let text = tokens.to_string();
    let model = grammar::parse(tokens).map_err(|mistakes| wrong(path, &mistakes))?;
    let types = model.fields.iter().map(rust_type).collect();
    let at = spot(path, item.ident.span());
    Ok(Some(RawOwner { model, types, path: path.to_owned(), text, at }))
}

fn wrong(path: &str, mistakes: &[grammar::Mistake]) -> Error {
    let Some(first) = mistakes.first() else { return Error::undecided("this OpsModel cannot be read") };
    let at = first.span.start();
    let error = Error::undecided(first.message.clone()).at(place(path, at.line, at.column));
    mistakes[1..].iter().fold(error, |error, more| {
        let at = more.span.start();
        error.hint(format!("also at {}: {}", place(path, at.line, at.column), more.message))
    })
}

fn rust_type(field: &grammar::Field) -> RustType {
    let parse = |tokens: &proc_macro2::TokenStream| syn::parse2::<Type>(tokens.clone()).ok();
    let stated = field.diesel_type.as_ref().and_then(parse).and_then(|ty| diesel_type(&ty).ok());
    let Some(ty) = field.ty.as_ref().and_then(parse) else { return RustType { stated, ..RustType::default() } };
    RustType { name: name_of(&ty), stated, certain: certain_type(&ty) }
}
