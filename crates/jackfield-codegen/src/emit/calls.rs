use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use crate::render::text;

/// An expression that builds a table entry: its constructor, and a call for each property that differs from
/// the default.
pub(super) struct Calls(TokenStream);

impl Calls {
    /// Starts with a constructor.
    pub(super) const fn on(constructor: TokenStream) -> Self {
        Self(constructor)
    }

    /// Adds `.name(value)`.
    pub(super) fn call(mut self, name: &str, value: impl ToTokens) -> Self {
        let name = format_ident!("{name}");
        self.0.extend(quote!(.#name(#value)));
        self
    }

    /// Adds the call if there is a value.
    pub(super) fn maybe(self, name: &str, value: Option<impl ToTokens>) -> Self {
        match value {
            Some(value) => self.call(name, value),
            None => self,
        }
    }

    /// Adds `.name("text")` unless the text is empty.
    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.maybe(name, (!value.is_empty()).then(|| text(value)))
    }

    /// Adds `.name("text")` if there is a text.
    pub(super) fn maybe_text(self, name: &str, value: Option<&String>) -> Self {
        self.maybe(name, value.map(|value| text(value)))
    }

    /// Adds `.name(&["a", "b"])` unless the list is empty.
    pub(super) fn texts(self, name: &str, values: &[String]) -> Self {
        self.list(name, values.iter().map(|value| text(value)))
    }

    /// Adds `.name(&[…])` unless the list is empty.
    pub(super) fn list(self, name: &str, values: impl ExactSizeIterator<Item = impl ToTokens>) -> Self {
        let is_empty = values.len() == 0;
        self.maybe(name, (!is_empty).then(|| list(values)))
    }

    /// Returns the whole expression.
    pub(super) fn finish(self) -> TokenStream {
        self.0
    }
}

impl ToTokens for Calls {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.clone());
    }
}

/// Prints `&[a, b]`.
pub(super) fn list(values: impl Iterator<Item = impl ToTokens>) -> TokenStream {
    quote!(&[#(#values),*])
}
