// SPDX-License-Identifier: MIT
//
// An HTTP server; a request for /connect/PORT makes it a client of 127.0.0.1:PORT that stays.
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

public class Server {
  public static void main(String[] arguments) throws Exception {
    List<Socket> held = new ArrayList<>();
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> {
      String[] path = exchange.getRequestURI().getPath().split("/");
      String text = "hello\n";
      if (path.length > 2) {
        held.add(new Socket("127.0.0.1", Integer.parseInt(path[2])));
        text = "connected\n";
      }
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
