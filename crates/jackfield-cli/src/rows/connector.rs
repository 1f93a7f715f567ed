//! The tables of a whole connector.

use jackfield_build::model::{
    self, ArgName, Defs, Location, PageStyle, PresetKind, ReplyPath, ToolName, ToolSelection, WireName,
};
use jackfield_build::{GroupRow, MergeRow, NamedConnector, OwnServer, ToolRow, pool_texts};
use jackfield_runtime::rows::{
    Connector, Group, Job, Merge, Paging, ParameterSetting, Preset, Prompt, PromptArgument, RateLimit,
    ReplyRow, Resource, Schema, Server, ServerVariable, Tool,
};

use super::arena::{Arena, maybe};
use super::auth;

/// Builds tables that borrow from their model and from the arena.
pub(super) fn rows<'a>(named: &'a NamedConnector, arena: Arena<'a>) -> Connector<'a> {
    let model = &named.connector;
    let surface = named.surface();
    let mut tokens = named.tokens();
    let groups = surface.groups.iter().map(|group| {
        let tools = arena.list(group.tools.iter().map(|tool| {
            let name = arena.text(tool.name.as_str());
            let row = ToolRow::named(name, tool.operation);
            self::tool(&ToolRow { tokens: tokens.next().unwrap_or_default(), ..row }, arena)
        }));
        let row = GroupRow::of(group);
        Group::new(row.tag, arena.list(tools.iter())).description(row.description)
    });
    let groups = arena.list(groups);
    // In the list of token counts, merged tools follow all other tools.
    let merges = arena.list(model.merges.iter().map(|merge| {
        let tokens = tokens.next().unwrap_or_default();
        self::merge(&MergeRow { tokens, ..MergeRow::of(merge) }, arena)
    }));
    Connector::new(model.name.as_str())
        .title(&model.title)
        .description(&model.description)
        .instructions(&model.instructions)
        .servers(arena.list(model.servers.iter().map(|it| server(it, arena))))
        .schemes(arena.list(model.schemes.iter().map(|it| auth::scheme(it, arena))))
        .headers(arena.list(model.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
        .settings(arena.list(model.settings.iter().map(|it| setting(it, arena))))
        .origins(arena.texts(&model.origins))
        .named(arena.texts(&model.named))
        .authorities(arena.texts(&model.authorities))
        .surface(model.surface)
        .promoted(arena.list(model.promoted.iter().map(|name| name.as_str())))
        .rates(arena.list(model.rates.iter().map(|it| rate(it, arena))))
        .replies(arena.list(model.replies.iter().map(|it| reply(it, arena))))
        .prompts(arena.list(model.prompts.iter().map(|it| prompt(it, arena))))
        .documented(model.documentation)
        .timeouts(model.timeouts)
        .retry(model.retry)
        .merges(merges)
        .groups(groups)
        .schemas(pool(&model.pool.send, arena))
        .received(pool(&model.pool.output, arena))
}

fn pool<'a>(defs: &'a Defs, arena: Arena<'a>) -> &'a [Schema<'a>] {
    arena.list(pool_texts(defs).into_iter().map(|(name, text)| Schema::new(name, arena.text(&text))))
}

fn tool<'a>(row: &ToolRow<'a>, arena: Arena<'a>) -> Tool<'a> {
    let text = |text: &Option<String>| text.as_deref().map(|text| arena.text(text));
    let tool = Tool::interpreted(row.name, row.method, row.path, row.recipe)
        .title(row.title)
        .description(row.description)
        .effect(row.effect)
        .ask(row.ask)
        .tokens(row.tokens)
        .caching(row.caching)
        .fields(row.fields)
        .security(arena.list(row.security.iter().map(|it| auth::requirement(it, arena))));
    let tool = maybe(tool, text(&row.input), Tool::input);
    let tool = maybe(tool, text(&row.output), Tool::output);
    let tool = maybe(tool, text(&row.accept), Tool::accept);
    let tool = match row.server {
        None => tool,
        Some(OwnServer::Url(url)) => tool.server(url),
        Some(OwnServer::WithVariables(own)) => tool.served_by(server(own, arena)),
    };
    let tool = maybe(tool, row.idempotency_key, Tool::idempotency_key);
    let tool = maybe(tool, row.paging.map(|it| paging(it, arena)), Tool::paging);
    let tool = tool.presets(arena.list(row.presets.iter().map(|it| preset(it, arena))));
    let tool = maybe(tool, row.job.map(|it| job(it, arena)), Tool::job);
    let tool = maybe(tool, row.resource.map(|it| resource(it, arena)), Tool::resource);
    let tool = maybe(tool, row.merged, |tool, merged| {
        let selector = merged.selector.as_ref();
        let (selector, value) = selector.map_or(("", ""), |(name, value)| (name.as_str(), value.as_str()));
        tool.merged_into(merged.tool.as_str(), selector, value)
    });
    if row.idempotent { tool.idempotent() } else { tool }
}

fn merge<'a>(row: &MergeRow<'a>, arena: Arena<'a>) -> Merge<'a> {
    let merge = Merge::new(row.name, row.effect)
        .title(row.title)
        .description(row.description)
        .input(arena.text(&row.input))
        .tokens(row.tokens);
    let merge = maybe(merge, row.output.as_deref().map(|text| arena.text(text)), Merge::output);
    if row.idempotent { merge.idempotent() } else { merge }
}

fn paging<'a>(paging: &'a model::Paging, arena: Arena<'a>) -> Paging<'a> {
    let position = paging.position.as_ref().map_or("", ArgName::as_str);
    let next = paging.next.as_deref().unwrap_or_default();
    let row = match paging.style {
        PageStyle::Page => Paging::page(position),
        PageStyle::Offset => Paging::offset(position),
        PageStyle::Token => Paging::token(position, next),
        PageStyle::LastItem => Paging::last_item(position, next),
        PageStyle::Address => Paging::address(next),
        PageStyle::Link => Paging::link(),
    };
    let row = if paging.is_numbered() { row.first(paging.first) } else { row };
    let in_address = paging.in_address.iter().map(|(wire, argument)| (wire.as_str(), argument.as_str()));
    let row = row.in_address(arena.list(in_address)).size(paging.size.as_ref().map_or("", ArgName::as_str));
    let row = maybe(row, paging.items.as_deref(), Paging::items);
    let row = maybe(row, paging.total.as_deref(), Paging::total);
    let row = maybe(row, paging.pages.as_deref(), Paging::pages);
    let row = maybe(row, paging.more.as_deref(), Paging::more);
    maybe(row, paging.last.as_deref(), Paging::last)
}

fn preset<'a>(preset: &'a model::Preset, arena: Arena<'a>) -> Preset<'a> {
    let path = arena.texts(&preset.path);
    match &preset.kind {
        PresetKind::Fixed(json) => Preset::fixed(path, json),
        PresetKind::Default(json) => Preset::default_value(path, json),
        PresetKind::Hidden => Preset::hidden(path),
    }
}

fn job<'a>(job: &'a model::Job, arena: Arena<'a>) -> Job<'a> {
    let row = Job::new()
        .header(job.header.as_ref().map_or("", WireName::as_str))
        .done(arena.texts(&job.done))
        .failed(arena.texts(&job.failed))
        .last(job.last);
    let row = maybe(row, job.id.as_ref(), |row, (id, reader)| {
        row.id(id, reader.tool.as_str(), reader.argument.as_str())
    });
    let row = maybe(row, job.address.as_deref(), Job::address);
    let row = maybe(row, job.state.as_deref(), Job::state);
    let row = maybe(row, job.result.as_deref(), Job::result);
    maybe(row, job.error.as_deref(), Job::error)
}

fn resource<'a>(resource: &'a model::Resource, arena: Arena<'a>) -> Resource<'a> {
    let arguments = resource.arguments.iter().map(ArgName::as_str);
    let row = Resource::new(&resource.uri).arguments(arena.list(arguments));
    let row = maybe(row, resource.title.as_deref(), Resource::title);
    let row = maybe(row, resource.description.as_deref(), Resource::description);
    let row = maybe(row, resource.media_type.as_deref(), Resource::media_type);
    if resource.is_tool { row } else { row.only() }
}

fn prompt<'a>(prompt: &'a model::Prompt, arena: Arena<'a>) -> Prompt<'a> {
    let arguments = prompt.arguments.iter().map(|argument| {
        let row = PromptArgument::new(argument.name.as_str()).description(&argument.description);
        let row = if argument.required { row } else { row.optional(&argument.default) };
        row.values(arena.texts(&argument.values))
    });
    Prompt::new(prompt.name.as_str(), &prompt.text)
        .title(&prompt.title)
        .description(&prompt.description)
        .arguments(arena.list(arguments))
}

fn setting<'a>(setting: &'a model::ParameterSetting, arena: Arena<'a>) -> ParameterSetting<'a> {
    let wire = setting.wire.as_str();
    let row = match setting.location {
        Location::Query => ParameterSetting::query(wire),
        _ => ParameterSetting::header(wire),
    };
    let row = maybe(row, setting.value.as_deref(), ParameterSetting::value);
    let names = |names: &'a [ToolName]| arena.list(names.iter().map(ToolName::as_str));
    match &setting.tools {
        ToolSelection::Except(others) => row.except(names(others)),
        ToolSelection::Only(tools) => row.only(names(tools)),
    }
}

fn rate<'a>(limit: &'a model::RateLimit, arena: Arena<'a>) -> RateLimit<'a> {
    let row = match limit.key.as_str() {
        "" => RateLimit::all(),
        key => RateLimit::of(key, arena.list(limit.tools.iter().map(ToolName::as_str))),
    };
    let row = maybe(row, limit.calls, |row, rate| row.calls(rate.calls, rate.seconds));
    let row = maybe(row, limit.concurrent, RateLimit::concurrent);
    maybe(row, limit.queue, RateLimit::queue)
}

fn reply<'a>(rule: &'a model::ReplyRule, arena: Arena<'a>) -> ReplyRow<'a> {
    let row = rule.tool.as_ref().map_or(ReplyRow::all(), |tool| ReplyRow::of(tool.as_str()));
    let paths = |paths: &'a [ReplyPath]| arena.list(paths.iter().map(ReplyPath::as_str));
    let row = row.redact(paths(&rule.redact)).keep(paths(&rule.keep)).drop(paths(&rule.drop));
    let row = maybe(row, rule.items, ReplyRow::items);
    let row = maybe(row, rule.bytes, ReplyRow::bytes);
    let row = maybe(row, rule.all_pages, ReplyRow::all_pages);
    maybe(row, rule.jq.as_deref(), ReplyRow::jq)
}

fn server<'a>(server: &'a model::Server, arena: Arena<'a>) -> Server<'a> {
    Server::new(&server.url)
        .name(&server.name)
        .description(&server.description)
        .variables(arena.list(server.variables.iter().map(|it| variable(it, arena))))
}

fn variable<'a>(variable: &'a model::ServerVariable, arena: Arena<'a>) -> ServerVariable<'a> {
    let row = ServerVariable::new(&variable.name).allowed(arena.texts(&variable.allowed));
    maybe(row, variable.default.as_deref(), ServerVariable::default)
}
