//! The rows that generated code would declare, built at run time from the same data.

mod auth;
mod leak;

use jackfield_build::model::{self, Defs, Location, ToolName, ToolSelection};
use jackfield_build::{GroupRow, Modelled, OwnServer, ToolRow, pool_texts};
use jackfield_runtime::v1::{Connector, Group, ParameterSetting, Schema, Server, ServerVariable, Tool};

use leak::{leak, list, maybe, texts};

/// Builds the rows of a connector.
///
/// Rows have the `'static` lifetime because generated ones are constants. A preview holds one document until its process ends, so leaking
/// costs nothing.
pub fn connector(modelled: Modelled) -> &'static Connector {
    let modelled: &'static Modelled = leak(modelled);
    let model = &modelled.connector;
    let groups = leak(modelled.surface()).groups.iter().map(|group| {
        let tools = list(group.tools.iter().map(|named| tool(leak(ToolRow::of(named)))));
        let row = GroupRow::of(group);
        Group::new(row.tag, list(tools.iter())).description(row.description)
    });
    leak(
        Connector::new(model.name.as_str())
            .title(&model.title)
            .description(&model.description)
            .servers(list(model.servers.iter().map(server)))
            .schemes(list(model.schemes.iter().map(auth::scheme)))
            .headers(list(model.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
            .settings(list(model.settings.iter().map(setting)))
            .origins(texts(&model.origins))
            .named(texts(&model.named))
            .authorities(texts(&model.authorities))
            .groups(list(groups))
            .schemas(pool(&model.pool.send))
            .received(pool(&model.pool.output)),
    )
}

fn pool(defs: &'static Defs) -> &'static [Schema] {
    list(pool_texts(defs).into_iter().map(|(name, text)| Schema::new(name, leak(text))))
}

fn tool(row: &'static ToolRow<'static>) -> Tool {
    let tool = Tool::interpreted(row.name, row.method, row.path, row.recipe)
        .title(row.title)
        .description(row.description)
        .effect(row.effect)
        .security(list(row.security.iter().map(auth::requirement)));
    let tool = maybe(tool, row.input.as_deref(), Tool::input);
    let tool = maybe(tool, row.output.as_deref(), Tool::output);
    let tool = maybe(tool, row.accept.as_deref(), Tool::accept);
    let tool = match row.server {
        None => tool,
        Some(OwnServer::Url(url)) => tool.server(url),
        Some(OwnServer::WithVariables(own)) => tool.served_by(server(own)),
    };
    if row.idempotent { tool.idempotent() } else { tool }
}

fn setting(setting: &'static model::ParameterSetting) -> ParameterSetting {
    let wire = setting.wire.as_str();
    let row = match setting.location {
        Location::Query => ParameterSetting::query(wire),
        _ => ParameterSetting::header(wire),
    };
    let row = maybe(row, setting.value.as_deref(), ParameterSetting::value);
    let names = |names: &'static [ToolName]| list(names.iter().map(ToolName::as_str));
    match &setting.tools {
        ToolSelection::Except(others) => row.except(names(others)),
        ToolSelection::Only(tools) => row.only(names(tools)),
    }
}

fn server(server: &'static model::Server) -> Server {
    Server::new(&server.url)
        .name(&server.name)
        .description(&server.description)
        .variables(list(server.variables.iter().map(variable)))
}

fn variable(variable: &'static model::ServerVariable) -> ServerVariable {
    let row = ServerVariable::new(&variable.name).allowed(texts(&variable.allowed));
    maybe(row, variable.default.as_deref(), ServerVariable::default)
}
