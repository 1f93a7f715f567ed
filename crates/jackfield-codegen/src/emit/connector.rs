use jackfield_model::{Client, ClientAuthentication, Connector, Scheme, SchemeKind};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{CONTRACT, auth, ident, server};
use crate::render::{code, doc, text};
use crate::{Layout, Origin, PoolTexts};
use jackfield_surface::Surface;

/// The index: the connector with its servers and schemes, and the modules it is made of.
pub(crate) fn index(
    connector: &Connector,
    surface: &Surface<'_>,
    origin: &Origin,
    layout: &Layout,
) -> Vec<TokenStream> {
    let contract = format_ident!("{CONTRACT}");
    let digest = origin.digest.as_str();
    let imports = imports(connector, surface);
    let modules = surface.groups.iter().map(|group| {
        let module = ident(&group.module);
        let tag = code(group.group.tag.as_str());
        let docs = doc([format!("The tools of {tag}.").as_str()]);
        match layout {
            Layout::Crate => quote!(#docs pub mod #module;),
            Layout::OutDir { folder } => {
                let path = format!("/{folder}/{}.rs", group.module);
                quote!(#docs pub mod #module { include!(concat!(env!("OUT_DIR"), #path)); })
            }
        }
    });
    let schemas = match layout {
        Layout::Crate => quote!(
            mod schemas;
        ),
        Layout::OutDir { folder } => {
            let path = format!("/{folder}/schemas.rs");
            quote!(
                mod schemas {
                    include!(concat!(env!("OUT_DIR"), #path));
                }
            )
        }
    };
    let facts = facts(connector, surface);
    let name = connector.name.as_str();
    let contract_doc = doc(["The contract that this code was generated for."]);
    let digest_doc = doc(["The SHA-256 of the document that this was generated from."]);
    let connector_doc = doc(["Everything that was generated from the document."]);
    vec![
        quote!(use ::jackfield_runtime::v1::{#(#imports),*};),
        quote! {
            #contract_doc
            const _: () = ::jackfield_runtime::v1::#contract;
        },
        quote! {
            #(#modules)*
            #schemas
        },
        quote! {
            #digest_doc
            #[allow(dead_code, reason = "for programs that compare it")]
            pub const DOCUMENT_SHA256: &str = #digest;
        },
        quote! {
            #connector_doc
            pub static CONNECTOR: Connector = Connector::new(#name) #facts;
        },
    ]
}

/// What the facts name, sorted.
fn imports(connector: &Connector, surface: &Surface<'_>) -> Vec<TokenStream> {
    let schemes = &connector.schemes;
    let has = |what: fn(&Scheme) -> bool| schemes.iter().any(what);
    let variables = connector.servers.iter().any(|server| !server.variables.is_empty());
    [
        (has(|scheme| scheme.client != Client::default()), quote!(Client)),
        (
            has(|scheme| scheme.client.authentication != ClientAuthentication::Discovered),
            quote!(ClientAuthentication),
        ),
        (has(|scheme| !scheme.commands.is_empty()), quote!(Command)),
        (true, quote!(Connector)),
        (has(|scheme| !scheme.flows.is_empty()), quote!(Flow)),
        (has(|scheme| !scheme.flows.is_empty()), quote!(FlowKind)),
        (!surface.groups.is_empty(), quote!(Group)),
        (has(|scheme| matches!(scheme.kind, SchemeKind::ApiKey { .. })), quote!(Location)),
        (!schemes.is_empty(), quote!(Scheme)),
        (!connector.servers.is_empty(), quote!(Server)),
        (variables, quote!(ServerVariable)),
    ]
    .into_iter()
    .filter_map(|(is_named, name)| is_named.then_some(name))
    .collect()
}

fn facts(connector: &Connector, surface: &Surface<'_>) -> TokenStream {
    let mut facts = TokenStream::new();
    if !connector.title.is_empty() {
        let title = text(&connector.title);
        facts.extend(quote!(.title(#title)));
    }
    if !connector.description.is_empty() {
        let description = text(&connector.description);
        facts.extend(quote!(.description(#description)));
    }
    if !connector.servers.is_empty() {
        let servers = connector.servers.iter().map(server::server);
        facts.extend(quote!(.servers(&[#(#servers),*])));
    }
    if !connector.schemes.is_empty() {
        let schemes = connector.schemes.iter().map(auth::scheme);
        facts.extend(quote!(.schemes(&[#(#schemes),*])));
    }
    if !connector.headers.is_empty() {
        let headers = connector.headers.iter().map(|(name, value)| {
            let (name, value) = (text(name), text(value));
            quote!((#name, #value))
        });
        facts.extend(quote!(.headers(&[#(#headers),*])));
    }
    if !connector.origins.is_empty() {
        let origins = auth::texts(&connector.origins);
        facts.extend(quote!(.origins(#origins)));
    }
    if !connector.named.is_empty() {
        let named = auth::texts(&connector.named);
        facts.extend(quote!(.named(#named)));
    }
    if !connector.authorities.is_empty() {
        let authorities = auth::texts(&connector.authorities);
        facts.extend(quote!(.authorities(#authorities)));
    }
    if !surface.groups.is_empty() {
        let groups = surface.groups.iter().map(|group| {
            let module = ident(&group.module);
            let tag = text(group.group.tag.as_str());
            let mut new = quote!(Group::new(#tag, #module::TOOLS));
            if !group.group.description.is_empty() {
                let description = text(&group.group.description);
                new.extend(quote!(.description(#description)));
            }
            new
        });
        facts.extend(quote!(.groups(&[#(#groups),*])));
    }
    facts.extend(quote!(.schemas(schemas::SCHEMAS)));
    if !connector.pool.output.is_empty() {
        facts.extend(quote!(.received(schemas::RECEIVED)));
    }
    facts
}

/// The pools: every schema that arguments share, and that promises share where there are any, sorted by name.
pub(crate) fn schemas(sent: &PoolTexts<'_>, received: &PoolTexts<'_>) -> Vec<TokenStream> {
    let pool = |name: &str, about: &str, texts: &PoolTexts<'_>| {
        let name = format_ident!("{name}");
        let docs = doc([about]);
        let entries = texts.iter().map(|(name, schema)| {
            let name = text(name);
            let schema = text(schema);
            quote!(Schema::new(#name, #schema))
        });
        quote! {
            #docs
            pub(super) static #name: &[Schema] = &[#(#entries),*];
        }
    };
    let mut blocks = vec![
        quote!(
            use ::jackfield_runtime::v1::Schema;
        ),
        pool("SCHEMAS", "The schemas that tools share, sorted by name.", sent),
    ];
    if !received.is_empty() {
        blocks.push(pool("RECEIVED", "The schemas that what comes back shares, sorted by name.", received));
    }
    blocks
}
