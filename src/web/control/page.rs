//! `GET /operator`: the operator's page, with the deliveries, backends, calls and hours of the node.
//!
//! It asks what commands ask: below `/operator/api` stand the same routes as below `/api`, behind the console's guard. That
//! wants a log-in where there is a token, and our own origin for whatever is not a GET.

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, JsonConfig, QueryConfig, ServiceConfig};

use super::{CommandAccess, Fault, calls, hours, node, outbox};
use crate::web::console::{PageAccess, guard_page, operator_page};

/// The largest body that the page sends, in bytes.
const MAX_BODY: usize = 8 * 1024;

/// Puts the page in place, where operators may come in.
pub fn routes(door: &PageAccess) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let door = door.operates().then(|| Data::new(door.clone()));
    move |config| {
        let Some(door) = door else { return };
        config.service(
            web::scope("/operator")
                .app_data(door)
                .app_data(Data::new(CommandAccess::Page))
                .app_data(
                    JsonConfig::default()
                        .limit(MAX_BODY)
                        .error_handler(|error, _| Fault::Request(error.to_string()).into()),
                )
                .app_data(
                    QueryConfig::default()
                        .error_handler(|error, _| Fault::Request(error.to_string()).into()),
                )
                .wrap(from_fn(guard_page))
                .route("", web::get().to(operator_page))
                .configure(calls::routes)
                .configure(hours::routes)
                .configure(node::routes)
                .configure(outbox::routes),
        );
    }
}
