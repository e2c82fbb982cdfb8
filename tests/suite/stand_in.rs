//! A server for tests that stands in for somebody else's, on a free port of loopback.

use actix_web::FromRequest;
use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App, Handler, HttpServer, Responder};

/// The largest body that it takes, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// A server that answers all requests; it ends with this.
pub struct StandIn {
    url: String,
    server: ServerHandle,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl StandIn {
    /// Begins to listen, and answers every request with `answer`, which is given what is shared.
    pub fn start<T, F, A>(shared: T, answer: F) -> Self
    where
        T: Clone + Send + 'static,
        F: Handler<A> + Send + Copy,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let app = move || {
            App::new()
                .app_data(Data::new(shared.clone()))
                .app_data(PayloadConfig::new(LARGEST))
                .default_service(web::to(answer))
        };
        let server = HttpServer::new(app).workers(1).disable_signals();
        let server = server.bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            url,
            server: handle,
        }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }
}
