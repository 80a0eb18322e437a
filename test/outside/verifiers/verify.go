// Verifies an RS256 token by a published key set, with nothing but what Go has.
//
// Usage: go run verify.go JWKS_URL TOKEN. Prints the claims. Exit status 3 of the program: the token is refused.
package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"strings"
)

type key struct{ Kid, N, E string }

func main() {
	reply, err := http.Get(os.Args[1])
	check(err)
	var set struct{ Keys []key }
	check(json.NewDecoder(reply.Body).Decode(&set))
	parts := strings.Split(os.Args[2], ".")
	var header struct{ Kid, Alg, Typ string }
	check(json.Unmarshal(decode(parts[0]), &header))
	public := find(set.Keys, header.Kid)
	if public == nil {
		refuse("nobody knows the key")
	}
	if header.Alg != "RS256" || header.Typ != "at+jwt" {
		refuse("it is no access token")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], decode(parts[2])) != nil {
		refuse("the signature does not fit")
	}
	fmt.Println(string(decode(parts[1])))
}

func find(keys []key, kid string) *rsa.PublicKey {
	for _, each := range keys {
		if each.Kid == kid {
			n, e := new(big.Int).SetBytes(decode(each.N)), new(big.Int).SetBytes(decode(each.E))
			return &rsa.PublicKey{N: n, E: int(e.Int64())}
		}
	}
	return nil
}

func decode(text string) []byte {
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	check(err)
	return bytes
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func refuse(why string) {
	fmt.Fprintln(os.Stderr, "refused:", why)
	os.Exit(3)
}
