use jackfield_model::Effect;
use proc_macro2::TokenStream;
use quote::quote;

/// Prints `Effect::Read`.
pub(super) fn effect(effect: Effect) -> TokenStream {
    match effect {
        Effect::Read => quote!(Effect::Read),
        Effect::Write => quote!(Effect::Write),
        Effect::Destroy => quote!(Effect::Destroy),
    }
}
