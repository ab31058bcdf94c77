import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A check is pending, is confirmed thirty seconds later, and the webhook arrives after one failure. JDK only. */
public class VerifyTest {
  static final String SERVER = System.getenv().getOrDefault("IDMOCK", "http://127.0.0.1:8080");
  static final String KEY = "java-" + System.nanoTime(); // the key is the account
  static final HttpClient CLIENT = HttpClient.newHttpClient();

  static String post(String url, String body) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).header("x-api-key", KEY)
        .header("content-type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
    HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    check(response.statusCode() < 300, url + ": " + response.statusCode() + " " + response.body());
    return response.body();
  }

  /** The control API. clock/advance returns once every due webhook was delivered or has failed. */
  static String control(String path, String body) throws Exception {
    return post(SERVER + "/_idmock/v1/" + path + "?account=" + KEY, body);
  }

  static void check(boolean condition, String message) {
    if (!condition) throw new AssertionError(message);
  }

  public static void main(String[] args) throws Exception {
    List<String> received = new CopyOnWriteArrayList<>();
    HttpServer app = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    app.createContext("/webhooks", exchange -> {
      received.add(exchange.getRequestHeaders().getFirst("Token") + new String(exchange.getRequestBody().readAllBytes()));
      exchange.sendResponseHeaders(received.size() == 1 ? 503 : 200, -1);
      exchange.close();
    });
    app.start();
    try {
      control("clock", "{\"frozen\":true}");
      control("endpoints", "{\"provider\":\"identitypass\",\"url\":\"http://127.0.0.1:" + app.getAddress().getPort() + "/webhooks\"}");

      String pending = post(SERVER + "/identitypass/api/v2/biometrics/merchant/data/verification/bvn", "{\"number\":\"22222222222\"}");
      check(pending.contains("\"response_code\":\"02\""), pending);
      check(received.isEmpty(), "a webhook came early: " + received);

      control("clock/advance", "{\"by\":\"1h\"}");
      check(received.size() == 2, "webhooks: " + received);
      check(received.get(1).contains("\"response_code\":\"00\""), received.get(1));
      System.out.println("passed");
    } finally {
      app.stop(0);
    }
  }
}
