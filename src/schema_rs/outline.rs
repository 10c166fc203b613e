//! Where the items of a schema file stand: its `table!` blocks with their columns, `joinable!`,
//! `allow_tables_to_appear_in_same_query!` and declared SQL types, each with its bytes. What the
//! items mean is read by `models`; the two readings meet at the places of their names.

use std::ops::Range;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Ident, Item, ItemUse, Token, Type};

use crate::catalog::Name;
use crate::error::{Error, Result};
use crate::models::{self, Declarations, ModelColumn, ModelTable};
use crate::place::Place;

/// A file's items in the order in which they stand.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) blocks: Vec<Block>,
    pub(super) joins: Vec<Join>,
    pub(super) lists: Vec<List>,
    pub(super) types: Vec<Declared>,
    /// `mod sql_types`: the whole, and what its braces hold.
    pub(super) type_module: Option<(Range<usize>, Range<usize>)>,
}

/// A `table!` block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) model: ModelTable,
    pub(super) whole: Range<usize>,
    /// What the braces of the macro hold.
    pub(super) inside: Range<usize>,
    pub(super) imports: Vec<Import>,
    /// What the parentheses of the key hold.
    pub(super) key: Range<usize>,
    pub(super) columns: Vec<Spot>,
}

/// A `use` line inside of a block.
#[derive(Debug)]
pub(super) struct Import {
    /// Without white space.
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// A column of a block.
#[derive(Debug)]
pub(super) struct Spot {
    pub(super) model: ModelColumn,
    /// From its first attribute to its type, without the comma.
    pub(super) whole: Range<usize>,
    /// Its attributes, with the white space up to its name.
    pub(super) lead: Range<usize>,
    pub(super) ty: Range<usize>,
    /// Behind the comma, or behind the type where none follows.
    pub(super) end: usize,
}

/// A `joinable!`, in Rust names.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) child: String,
    pub(super) parent: String,
    pub(super) column: String,
    pub(super) whole: Range<usize>,
}

/// An `allow_tables_to_appear_in_same_query!`.
#[derive(Debug)]
pub(super) struct List {
    /// Rust names, each with its bytes.
    pub(super) tables: Vec<(String, Range<usize>)>,
    pub(super) whole: Range<usize>,
    /// What the parentheses hold.
    pub(super) inside: Range<usize>,
}

/// A struct in `mod sql_types`.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) whole: Range<usize>,
}

impl Outline {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it is not Rust, or a `table!` does not parse, with the line.
    pub(super) fn read(path: &str, text: &str) -> Result<Self> {
        let declared = models::parse_file(path, text)?;
        let unread = |error: &syn::Error| Error::undecided(format!("cannot be read: {error}")).at(Place::file(path));
        let file = syn::parse_file(text).map_err(|error| unread(&error))?;
        // syn leaves a byte order mark out of its count.
        let shift = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut reader = Reader { text, shift, declared: &declared, found: Self::default() };
        reader.items(&file.items).map_err(|error| unread(&error))?;
        Ok(reader.found)
    }

    /// The table of that name; `None` for views.
    pub(super) fn block(&self, name: &Name) -> Option<&Block> {
        self.blocks.iter().find(|block| block.model.name == *name && !block.model.is_view)
    }
}

impl Block {
    /// The column of that SQL name.
    pub(super) fn column(&self, name: &str) -> Option<&Spot> {
        self.columns.iter().find(|spot| spot.model.name == name)
    }
}

struct Reader<'a> {
    text: &'a str,
    shift: usize,
    declared: &'a Declarations,
    found: Outline,
}

impl Reader<'_> {
    fn bytes(&self, span: Span) -> Range<usize> {
        let range = span.byte_range();
        range.start + self.shift..range.end + self.shift
    }

    fn items(&mut self, items: &[Item]) -> syn::Result<()> {
        for item in items {
            match item {
                Item::Macro(item) => self.mac(item)?,
                Item::Mod(module) => {
                    let Some((brace, items)) = &module.content else { continue };
                    if module.ident == "sql_types" {
                        let inside = self.bytes(brace.span.open()).end..self.bytes(brace.span.close()).start;
                        self.found.type_module = Some((self.bytes(module.span()), inside));
                        for item in items {
                            if let Item::Struct(item) = item {
                                let declared =
                                    Declared { name: item.ident.to_string(), whole: self.bytes(item.span()) };
                                self.found.types.push(declared);
                            }
                        }
                    } else {
                        self.items(items)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn mac(&mut self, item: &syn::ItemMacro) -> syn::Result<()> {
        let whole = self.bytes(item.span());
        let delimiter = item.mac.delimiter.span();
        let inside = self.bytes(delimiter.open()).end..self.bytes(delimiter.close()).start;
        let name = item.mac.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
        let tokens = item.mac.tokens.clone();
        match name.as_str() {
            "table" | "view" => {
                let parsed =
                    (|input: ParseStream<'_>| self.block(input, whole.clone(), inside.clone())).parse2(tokens)?;
                self.found.blocks.extend(parsed);
            }
            "joinable" => {
                let join = (|input: ParseStream<'_>| join(input, whole.clone())).parse2(tokens)?;
                self.found.joins.push(join);
            }
            "allow_tables_to_appear_in_same_query" => {
                let paths = Punctuated::<syn::Path, Token![,]>::parse_terminated.parse2(tokens)?;
                let tables = paths.iter().map(|path| (last(path), self.bytes(path.span()))).collect();
                self.found.lists.push(List { tables, whole, inside });
            }
            _ => {}
        }
        Ok(())
    }

    /// The inside of a `table!`; `None` for one that `models` left out.
    fn block(&self, input: ParseStream<'_>, whole: Range<usize>, inside: Range<usize>) -> syn::Result<Option<Block>> {
        let mut imports = self.imports(input)?;
        input.call(Attribute::parse_outer)?;
        imports.extend(self.imports(input)?);
        let mut ident = input.call(Ident::parse_any)?;
        if input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
            ident = input.call(Ident::parse_any)?;
        }
        let mut key = self.bytes(ident.span()).end..self.bytes(ident.span()).end;
        if input.peek(syn::token::Paren) {
            let inner;
            let parens = syn::parenthesized!(inner in input);
            key = self.bytes(parens.span.open()).end..self.bytes(parens.span.close()).start;
            inner.parse::<proc_macro2::TokenStream>()?;
        }
        let body;
        syn::braced!(body in input);
        let at = ident.span().start();
        let mut model = self.declared.tables.iter().find(|table| is_at(&table.at, at)).cloned();
        model.iter_mut().for_each(number_is_never_null);
        let mut columns = Vec::new();
        while !body.is_empty() {
            columns.extend(self.column(&body, model.as_ref())?);
        }
        Ok(model.map(|model| Block { model, whole, inside, imports, key, columns }))
    }

    fn imports(&self, input: ParseStream<'_>) -> syn::Result<Vec<Import>> {
        let mut found = Vec::new();
        while input.peek(Token![use]) {
            let import: ItemUse = input.parse()?;
            let at = self.bytes(import.span());
            let text = self.text[at.clone()].split_whitespace().collect();
            found.push(Import { text, at });
        }
        Ok(found)
    }

    fn column(&self, input: ParseStream<'_>, table: Option<&ModelTable>) -> syn::Result<Option<Spot>> {
        let attributes = input.call(Attribute::parse_outer)?;
        let ident = input.call(Ident::parse_any)?;
        input.parse::<Token![->]>()?;
        let ty: Type = input.parse()?;
        let comma = if input.peek(Token![,]) { Some(input.parse::<Token![,]>()?) } else { None };
        let name = self.bytes(ident.span());
        let start = attributes.first().map_or(name.start, |attribute| self.bytes(attribute.span()).start);
        let ty = self.bytes(ty.span());
        let end = comma.map_or(ty.end, |comma| self.bytes(comma.span()).end);
        let at = ident.span().start();
        let model = table.and_then(|table| table.columns.iter().find(|column| is_at(&column.at, at)));
        Ok(model.map(|model| Spot { model: model.clone(), whole: start..ty.end, lead: start..name.start, ty, end }))
    }
}

/// diesel_cli calls an `INTEGER PRIMARY KEY` of SQLite nullable where NOT NULL is not spelled out
/// (diesel issue 2988), although it never holds NULL: that makes no difference here.
fn number_is_never_null(table: &mut ModelTable) {
    let [key] = table.primary_key.as_slice() else { return };
    for column in table.columns.iter_mut().filter(|column| column.name == *key) {
        column.nullable &= !matches!(column.ty.name.as_str(), "Integer" | "BigInt");
    }
}

fn is_at(place: &Place, at: proc_macro2::LineColumn) -> bool {
    usize::try_from(place.line) == Ok(at.line) && usize::try_from(place.column) == Ok(at.column + 1)
}

fn join(input: ParseStream<'_>, whole: Range<usize>) -> syn::Result<Join> {
    let child = input.call(syn::Path::parse_mod_style)?;
    input.parse::<Token![->]>()?;
    let parent = input.call(syn::Path::parse_mod_style)?;
    let column;
    syn::parenthesized!(column in input);
    let column = column.call(Ident::parse_any)?.unraw().to_string();
    input.parse::<proc_macro2::TokenStream>()?;
    Ok(Join { child: last(&child), parent: last(&parent), column, whole })
}

fn last(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default()
}
