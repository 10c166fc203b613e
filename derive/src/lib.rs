//! `#[derive(OpsModel)]`: a Diesel struct that says everything about its table, in `#[ops(…)]`
//! attributes. It checks them and expands to nothing: whoever reads them is `cargo ops-migrate`, with
//! the same parser ([`ops_migrate_grammar`], where the attributes are described).

use proc_macro::TokenStream;

/// Checks the `#[ops(…)]` attributes of a struct, and expands to nothing.
#[proc_macro_derive(OpsModel, attributes(ops, diesel))]
pub fn ops_model(input: TokenStream) -> TokenStream {
    match ops_migrate_grammar::parse(input.into()) {
        Ok(_) => TokenStream::new(),
        Err(mistakes) => mistakes
            .into_iter()
            .flat_map(|mistake| TokenStream::from(syn::Error::new(mistake.span, mistake.message).to_compile_error()))
            .collect(),
    }
}
