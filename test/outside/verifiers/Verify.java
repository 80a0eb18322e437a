import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Verifies an RS256 token by a published key set, with nothing but what Java has.
 *
 * Usage: java Verify.java JWKS_URL TOKEN. Prints the claims. Exit status 3: the token is refused.
 */
class Verify {
  public static void main(String[] args) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(args[0])).build();
    var keys = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    var parts = args[1].split("\\.");
    var header = new String(decode(parts[0]), StandardCharsets.UTF_8);
    var key = findKey(keys, member(header, "kid"));
    if (key == null) refuse("nobody knows the key");
    if (!member(header, "alg").equals("RS256") || !member(header, "typ").equals("at+jwt")) refuse("it is no access token");

    var numbers = new RSAPublicKeySpec(number(key, "n"), number(key, "e"));
    var signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(KeyFactory.getInstance("RSA").generatePublic(numbers));
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    if (!signature.verify(decode(parts[2]))) refuse("the signature does not fit");
    System.out.println(new String(decode(parts[1]), StandardCharsets.UTF_8));
  }

  /** The object of the set, whose members are all strings, so that none holds a brace. */
  static String findKey(String keys, String kid) {
    var objects = Pattern.compile("\\{[^{}]*\\}").matcher(keys);
    while (objects.find()) if (kid.equals(member(objects.group(), "kid"))) return objects.group();
    return null;
  }

  static String member(String object, String name) {
    var found = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(object);
    return found.find() ? found.group(1) : "";
  }

  static BigInteger number(String key, String name) {
    return new BigInteger(1, decode(member(key, name)));
  }

  static byte[] decode(String text) {
    return Base64.getUrlDecoder().decode(text);
  }

  static void refuse(String why) {
    System.err.println("refused: " + why);
    System.exit(3);
  }
}
