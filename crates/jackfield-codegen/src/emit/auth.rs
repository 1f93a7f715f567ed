use jackfield_model::{Location, Requirement, Scheme, SchemeKind};
use proc_macro2::TokenStream;
use quote::quote;

use crate::render::text;

/// `Scheme::bearer("bookshopToken")`
pub(super) fn scheme(scheme: &Scheme) -> TokenStream {
    let name = text(scheme.name.as_str());
    match &scheme.kind {
        SchemeKind::Bearer => quote!(Scheme::bearer(#name)),
        SchemeKind::Basic => quote!(Scheme::basic(#name)),
        SchemeKind::Digest => quote!(Scheme::digest(#name)),
        SchemeKind::OAuth2 => quote!(Scheme::oauth2(#name)),
        SchemeKind::OpenIdConnect => quote!(Scheme::openid_connect(#name)),
        SchemeKind::MutualTls => quote!(Scheme::mutual_tls(#name)),
        SchemeKind::Http(other) => {
            let other = text(other);
            quote!(Scheme::http(#name, #other))
        }
        SchemeKind::ApiKey { location, wire } => {
            let location = self::location(*location);
            let wire = text(wire.as_str());
            quote!(Scheme::api_key(#name, #location, #wire))
        }
    }
}

/// `&[&[Need::scheme("key")], &[Need::scheme("oauth").scopes(&["books:write"])]]`
pub(super) fn security(requirements: &[Requirement]) -> TokenStream {
    let alternatives = requirements.iter().map(|requirement| {
        let needs = requirement.needs.iter().map(|need| {
            let scheme = text(need.scheme.as_str());
            if need.scopes.is_empty() {
                quote!(Need::scheme(#scheme))
            } else {
                let scopes = need.scopes.iter().map(|scope| text(scope));
                quote!(Need::scheme(#scheme).scopes(&[#(#scopes),*]))
            }
        });
        quote!(&[#(#needs),*])
    });
    quote!(&[#(#alternatives),*])
}

fn location(location: Location) -> TokenStream {
    match location {
        Location::Path => quote!(Location::Path),
        Location::Query => quote!(Location::Query),
        Location::Header => quote!(Location::Header),
        Location::Cookie => quote!(Location::Cookie),
    }
}
