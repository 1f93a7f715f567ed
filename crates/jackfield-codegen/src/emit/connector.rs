use jackfield_model::{
    Client, ClientAuthentication, Connector, Location, ParameterSetting, RateLimit, ReplyPath, ReplyRule,
    RetryLimits, Scheme, SchemeKind, SurfaceKind, TimeLimits, ToolSelection,
};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::calls::{Calls, list};
use super::effect::effect;
use super::{auth, contents, server};
use crate::layout::{Layout, Origin};
use crate::render::{code, doc, ident, text};
use crate::rows::{GroupRow, MergeRow, PoolTexts};
use jackfield_surface::{Surface, ToolGroup};

/// The name of the constant that ties generated code to the runtime.
const CONTRACT: &str = "contract_1_is_missing__run_jackfield_gen_to_match_this_jackfield_runtime";

/// The name of the constant that the runtime has with its feature `jq`.
const JQ_FEATURE: &str = "feature_jq_is_missing__add_it_to_jackfield_runtime_in_Cargo_toml";

/// Prints the index: the connector with its servers and schemes, and its modules.
pub(crate) fn index(
    connector: &Connector,
    surface: &Surface<'_>,
    merges: &[MergeRow<'_>],
    origin: &Origin,
    layout: &Layout,
) -> Vec<TokenStream> {
    let contract = format_ident!("{CONTRACT}");
    let needs_jq = connector.replies.iter().any(|rule| rule.jq.is_some()).then(|| {
        let feature = format_ident!("{JQ_FEATURE}");
        quote!(const _: () = ::jackfield_runtime::v1::#feature;)
    });
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
    let row = row(connector, surface, merges);
    let contract_doc = doc(["The contract that this code was generated for."]);
    let digest_doc = doc(["The SHA-256 of the document that this was generated from."]);
    let connector_doc = doc(["Everything that was generated from the document."]);
    vec![
        quote!(use ::jackfield_runtime::v1::{#(#imports),*};),
        quote! {
            #contract_doc
            const _: () = ::jackfield_runtime::v1::#contract;
            #needs_jq
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
            pub static CONNECTOR: Connector = #row;
        },
    ]
}

/// Returns the types that the index imports, sorted.
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
        (!connector.merges.is_empty(), quote!(Effect)),
        (has(|scheme| !scheme.flows.is_empty()), quote!(Flow)),
        (has(|scheme| !scheme.flows.is_empty()), quote!(FlowKind)),
        (!surface.groups.is_empty(), quote!(Group)),
        (has(|scheme| matches!(scheme.kind, SchemeKind::ApiKey { .. })), quote!(Location)),
        (!connector.merges.is_empty(), quote!(Merge)),
        (!connector.settings.is_empty(), quote!(ParameterSetting)),
        (!connector.prompts.is_empty(), quote!(Prompt)),
        (connector.prompts.iter().any(|prompt| !prompt.arguments.is_empty()), quote!(PromptArgument)),
        (!connector.rates.is_empty(), quote!(RateLimit)),
        (!connector.replies.is_empty(), quote!(ReplyRow)),
        (connector.retry != RetryLimits::new(), quote!(RetryLimits)),
        (!schemes.is_empty(), quote!(Scheme)),
        (!connector.servers.is_empty(), quote!(Server)),
        (variables, quote!(ServerVariable)),
        (connector.surface != SurfaceKind::Each, quote!(SurfaceKind)),
        (connector.timeouts != TimeLimits::new(), quote!(TimeLimits)),
    ]
    .into_iter()
    .filter_map(|(is_named, name)| is_named.then_some(name))
    .collect()
}

/// Prints `Connector::new("bookshop").title("Bookshop").groups(&[…])`.
fn row(connector: &Connector, surface: &Surface<'_>, merges: &[MergeRow<'_>]) -> Calls {
    let name = connector.name.as_str();
    let headers = connector.headers.iter().map(|(name, value)| {
        let (name, value) = (text(name), text(value));
        quote!((#name, #value))
    });
    let received = (!connector.pool.output.is_empty()).then(|| quote!(schemas::RECEIVED));
    Calls::on(quote!(Connector::new(#name)))
        .text("title", &connector.title)
        .text("description", &connector.description)
        .text("instructions", &connector.instructions)
        .list("servers", connector.servers.iter().map(server::server))
        .list("schemes", connector.schemes.iter().map(auth::scheme))
        .list("headers", headers)
        .list("settings", connector.settings.iter().map(setting))
        .texts("origins", &connector.origins)
        .texts("named", &connector.named)
        .texts("authorities", &connector.authorities)
        .maybe("surface", surface_kind(connector.surface))
        .list("promoted", connector.promoted.iter().map(|name| text(name.as_str())))
        .list("rates", connector.rates.iter().map(rate))
        .list("replies", connector.replies.iter().map(reply))
        .list("prompts", connector.prompts.iter().map(contents::prompt))
        .maybe("documented", connector.documentation.then(|| quote!(true)))
        .maybe("timeouts", timeouts(connector.timeouts))
        .maybe("retry", retry(connector.retry))
        .list("merges", merges.iter().map(merge))
        .list("groups", surface.groups.iter().map(group))
        .call("schemas", quote!(schemas::SCHEMAS))
        .maybe("received", received)
}

/// Prints `SurfaceKind::Search`, unless it is the default.
fn surface_kind(kind: SurfaceKind) -> Option<TokenStream> {
    match kind {
        SurfaceKind::Each => None,
        SurfaceKind::Promoted => Some(quote!(SurfaceKind::Promoted)),
        SurfaceKind::Search => Some(quote!(SurfaceKind::Search)),
        SurfaceKind::Auto => Some(quote!(SurfaceKind::Auto)),
    }
}

/// Prints `RateLimit::of("tag:books", &["list_books"]).calls(60, 60)`.
fn rate(limit: &RateLimit) -> Calls {
    let RateLimit { key, tools, calls, concurrent, queue } = limit;
    let row = if key.is_empty() {
        Calls::on(quote!(RateLimit::all()))
    } else {
        let (key, tools) = (text(key), list(tools.iter().map(|name| text(name.as_str()))));
        Calls::on(quote!(RateLimit::of(#key, #tools)))
    };
    let calls = calls.map(|rate| {
        let (calls, seconds) = (Literal::u32_unsuffixed(rate.calls), Literal::u32_unsuffixed(rate.seconds));
        quote!(#calls, #seconds)
    });
    row.maybe("calls", calls)
        .maybe("concurrent", concurrent.map(Literal::usize_unsuffixed))
        .maybe("queue", queue.map(Literal::usize_unsuffixed))
}

/// Prints `ReplyRow::of("list_books").redact(&["$.owner.email"]).items(50)`.
fn reply(rule: &ReplyRule) -> Calls {
    let ReplyRule { tool, redact, keep, drop, items, bytes, all_pages, jq } = rule;
    let row = match tool {
        None => Calls::on(quote!(ReplyRow::all())),
        Some(tool) => {
            let tool = text(tool.as_str());
            Calls::on(quote!(ReplyRow::of(#tool)))
        }
    };
    let paths = |paths: &[ReplyPath]| paths.iter().map(|path| text(path.as_str())).collect::<Vec<_>>();
    row.list("redact", paths(redact).into_iter())
        .list("keep", paths(keep).into_iter())
        .list("drop", paths(drop).into_iter())
        .maybe("items", items.map(Literal::usize_unsuffixed))
        .maybe("bytes", bytes.map(Literal::usize_unsuffixed))
        .maybe("all_pages", all_pages.map(Literal::u32_unsuffixed))
        .maybe_text("jq", jq.as_ref())
}

/// Prints `Merge::new("get_book", Effect::Read).description("…").input(r#"…"#)`.
fn merge(row: &MergeRow<'_>) -> Calls {
    let (name, effect) = (text(row.name), effect(row.effect));
    let mut calls = Calls::on(quote!(Merge::new(#name, #effect)))
        .text("title", row.title)
        .text("description", row.description)
        .text("input", &row.input)
        .maybe_text("output", row.output.as_ref());
    if row.idempotent {
        calls = calls.call("idempotent", TokenStream::new());
    }
    calls.maybe("tokens", (row.tokens > 0).then(|| Literal::usize_unsuffixed(row.tokens)))
}

/// Prints `TimeLimits::new().connect(5).total(50)`, unless all limits are the default.
fn timeouts(limits: TimeLimits) -> Option<Calls> {
    let TimeLimits { connect, first_byte, between_bytes, total, transfer } = limits;
    (limits != TimeLimits::new()).then(|| {
        Calls::on(quote!(TimeLimits::new()))
            .maybe("connect", connect.map(Literal::u32_unsuffixed))
            .maybe("first_byte", first_byte.map(Literal::u32_unsuffixed))
            .maybe("between_bytes", between_bytes.map(Literal::u32_unsuffixed))
            .maybe("total", total.map(Literal::u32_unsuffixed))
            .maybe("transfer", transfer.map(Literal::u32_unsuffixed))
    })
}

/// Prints `RetryLimits::new().attempts(2)`, unless all limits are the default.
fn retry(limits: RetryLimits) -> Option<Calls> {
    let RetryLimits { attempts, breaker } = limits;
    (limits != RetryLimits::new()).then(|| {
        Calls::on(quote!(RetryLimits::new()))
            .maybe("attempts", attempts.map(Literal::u32_unsuffixed))
            .maybe("breaker", breaker.map(Literal::u32_unsuffixed))
    })
}

/// Prints `ParameterSetting::header("X-Version").value("2").except(&["ping"])`.
fn setting(setting: &ParameterSetting) -> Calls {
    let ParameterSetting { location, wire, value, tools } = setting;
    let wire = text(wire.as_str());
    let constructor = match location {
        Location::Query => quote!(ParameterSetting::query(#wire)),
        _ => quote!(ParameterSetting::header(#wire)),
    };
    let (word, names) = match tools {
        ToolSelection::Except(names) => ("except", names),
        ToolSelection::Only(names) => ("only", names),
    };
    Calls::on(constructor)
        .maybe_text("value", value.as_ref())
        .list(word, names.iter().map(|name| text(name.as_str())))
}

fn group(group: &ToolGroup<'_>) -> Calls {
    let row = GroupRow::of(group);
    let (tag, module) = (text(row.tag), ident(&group.module));
    Calls::on(quote!(Group::new(#tag, #module::TOOLS))).text("description", row.description)
}

/// Prints the pools: the schemas that arguments share, and the schemas that output schemas share, sorted by name.
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
        blocks.push(pool("RECEIVED", "The schemas that replies share, sorted by name.", received));
    }
    blocks
}
