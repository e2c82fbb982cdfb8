//! `GET /`: the console, a page with a telephone on which any flow in service can be called.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | the page; without a log-in where one is asked for, the form for it |
//! | `POST /console/login`, `/console/logout` | the cookie, and its end |
//! | `GET /console/{file}` | what the page is made of |
//! | `GET /console/flows` | `{ "flows": […] }`: what can be called |
//! | `GET /console/graph?flow=&version=` | the picture of a flow |
//! | `POST /console/calls` with `{ "flow" or "number", "from" }` | 201 `{ "id" }`; 429 where too many are on |
//! | `GET /console/calls/{id}/events` | what happens, as server-sent events, from the one behind `Last-Event-ID` |
//! | `POST /console/calls/{id}/keys`, `…/speech`, `…/hangup` | 204; 410 where the call is over |
//!
//! Owns the page, who may open it (`door`), and the calls that it places (`line`). What a call is and does is the
//! simulated carrier's (`phone`), which asks this server over its own listener as the real one would. What leaves here
//! went through `mask`: what is entered at a private question is `•••`, everywhere.

mod access;
mod calls;
mod graph;
mod live_call;
mod mask;
mod page;
mod page_call;
mod person;
mod stream;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, JsonConfig, PayloadConfig, ServiceConfig};
use dashmap::DashMap;

pub use self::access::{PageAccess, guard as guard_page};
pub use self::graph::picture;
pub use self::page::operator as operator_page;
use self::page_call::PageCall;
use self::wire::Carrier;
use super::app::App;
use crate::settings::Settings;

/// The largest body that the page sends, in bytes.
const MAX_BODY: usize = 8 * 1024;

/// What the page's requests share.
pub struct Console {
    /// The node.
    app: Data<App>,
    /// How the simulated carrier reaches it.
    carrier: Carrier,
    /// The calls of the pages that are open, and those that were over a moment ago.
    lines: DashMap<String, Arc<PageCall>>,
    /// Whether nobody needs a token to give commands.
    is_without_token: bool,
}

impl Console {
    /// A console for a node that serves webhooks at an address.
    pub fn new(app: Data<App>, settings: &Settings, address: SocketAddr) -> Self {
        let carrier = Carrier::new(&app.address, settings, address);
        Self {
            app,
            carrier,
            lines: DashMap::new(),
            is_without_token: settings.admin.token.is_none(),
        }
    }

    /// Who may open the pages where unsigned webhooks come in. Where commands need a token, none are given there.
    pub fn access_here(&self) -> PageAccess {
        PageAccess::Here {
            operates: self.is_without_token,
        }
    }

    /// The node.
    pub fn app(&self) -> &Data<App> {
        &self.app
    }
}

/// Puts the console's routes in place, behind their door.
pub fn routes(console: Data<Console>, door: PageAccess) -> impl FnOnce(&mut ServiceConfig) {
    let door = Data::new(door);
    move |config| {
        config
            .service(
                web::resource("/")
                    .app_data(door.clone())
                    .wrap(from_fn(access::guard))
                    .route(web::get().to(page::index)),
            )
            .service(
                web::scope("/console")
                    .app_data(console)
                    .app_data(door)
                    .app_data(PayloadConfig::new(MAX_BODY))
                    .app_data(
                        JsonConfig::default()
                            .limit(MAX_BODY)
                            .error_handler(|error, _| calls::misread(&error)),
                    )
                    .wrap(from_fn(access::guard))
                    .route("/login", web::post().to(access::log_in))
                    .route("/logout", web::post().to(access::log_out))
                    .route("/flows", web::get().to(graph::flows))
                    .route("/graph", web::get().to(graph::draw))
                    .route("/calls", web::post().to(calls::place))
                    .route("/calls/{id}/events", web::get().to(stream::events))
                    .route("/calls/{id}/keys", web::post().to(calls::keys))
                    .route("/calls/{id}/speech", web::post().to(calls::speech))
                    .route("/calls/{id}/hangup", web::post().to(calls::hang_up))
                    .route("/{file}", web::get().to(page::asset)),
            );
    }
}
