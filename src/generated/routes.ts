// Written by `npm run generate` from openapi.yaml. Never edit by hand.

import type { RouteTable } from '../http/route.ts';

export const routes = {
  "operations": {
    "issueToken": {
      "method": "post",
      "path": "/token",
      "errors": "oauth",
      "access": "client",
      "scopes": [],
      "mediaTypes": [
        "application/x-www-form-urlencoded"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1token/post/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Pragma": {
              "required": true,
              "value": "no-cache"
            }
          }
        },
        "400": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthBadRequest/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthInvalidClient/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "value": "Basic realm=\"tessera\", charset=\"UTF-8\""
            }
          }
        },
        "413": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthContentTooLarge/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthUnsupportedMediaType/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "429": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthTooManyRequests/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthServerError/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthUnavailable/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "revokeToken": {
      "method": "post",
      "path": "/revoke",
      "errors": "oauth",
      "access": "client",
      "scopes": [],
      "mediaTypes": [
        "application/x-www-form-urlencoded"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthBadRequest/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthInvalidClient/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "value": "Basic realm=\"tessera\", charset=\"UTF-8\""
            }
          }
        },
        "413": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthContentTooLarge/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthUnsupportedMediaType/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "429": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthTooManyRequests/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthServerError/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthUnavailable/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "introspectToken": {
      "method": "post",
      "path": "/introspect",
      "errors": "oauth",
      "access": "client",
      "scopes": [
        "tokens:introspect"
      ],
      "mediaTypes": [
        "application/x-www-form-urlencoded"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1introspect/post/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthBadRequest/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthInvalidCaller/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/AnyChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthInsufficientScope/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "413": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthContentTooLarge/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthUnsupportedMediaType/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "429": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthTooManyRequests/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthServerError/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/json",
          "schema": "#/components/responses/OAuthUnavailable/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "registerUser": {
      "method": "post",
      "path": "/users",
      "errors": "problem",
      "access": "public",
      "scopes": [],
      "mediaTypes": [
        "application/json"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "201": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users/post/responses/201/content/application~1json/schema",
          "headers": {
            "Location": {
              "required": true,
              "schema": "#/paths/~1users/post/responses/201/headers/Location/schema"
            },
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UsernameTaken/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "413": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ContentTooLarge/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UnsupportedMediaType/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "429": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/TooManyRequests/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "listUsers": {
      "method": "get",
      "path": "/users",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "users:read"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "getCurrentUser": {
      "method": "get",
      "path": "/users/me",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "profile:read"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users~1me/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "updateCurrentUser": {
      "method": "patch",
      "path": "/users/me",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "profile:write"
      ],
      "mediaTypes": [
        "application/json"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users~1me/patch/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UsernameTaken/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "413": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ContentTooLarge/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UnsupportedMediaType/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "429": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/TooManyRequests/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "deleteCurrentUser": {
      "method": "delete",
      "path": "/users/me",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "profile:write"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/LastAdministrator/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "changePassword": {
      "method": "put",
      "path": "/users/me/password",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "profile:write"
      ],
      "mediaTypes": [
        "application/json"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users~1me~1password/put/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Pragma": {
              "required": true,
              "value": "no-cache"
            }
          }
        },
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "413": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ContentTooLarge/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UnsupportedMediaType/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "429": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/TooManyRequests/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "listCurrentUserSessions": {
      "method": "get",
      "path": "/users/me/sessions",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "profile:read"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users~1me~1sessions/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "endCurrentUserSessions": {
      "method": "delete",
      "path": "/users/me/sessions",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "profile:write"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "429": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/TooManyRequests/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "endSession": {
      "method": "delete",
      "path": "/users/me/sessions/{sessionId}",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "profile:write"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchSession/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "429": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/TooManyRequests/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "getUser": {
      "method": "get",
      "path": "/users/{userId}",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "users:read"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users~1{userId}/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchUser/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "updateUser": {
      "method": "patch",
      "path": "/users/{userId}",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "users:manage"
      ],
      "mediaTypes": [
        "application/json"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users~1{userId}/patch/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchUser/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/LastAdministrator/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "413": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ContentTooLarge/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UnsupportedMediaType/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "deleteUser": {
      "method": "delete",
      "path": "/users/{userId}",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "users:manage"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchUser/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/LastAdministrator/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "listUserSessions": {
      "method": "get",
      "path": "/users/{userId}/sessions",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "users:read"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1users~1{userId}~1sessions/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchUser/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "endUserSessions": {
      "method": "delete",
      "path": "/users/{userId}/sessions",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "users:manage"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchUser/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "listClients": {
      "method": "get",
      "path": "/clients",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "clients:manage"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1clients/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "registerClient": {
      "method": "post",
      "path": "/clients",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "clients:manage"
      ],
      "mediaTypes": [
        "application/json"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "201": {
          "mediaType": "application/json",
          "schema": "#/paths/~1clients/post/responses/201/content/application~1json/schema",
          "headers": {
            "Location": {
              "required": true,
              "schema": "#/paths/~1clients/post/responses/201/headers/Location/schema"
            },
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "413": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ContentTooLarge/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UnsupportedMediaType/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "getClient": {
      "method": "get",
      "path": "/clients/{clientId}",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "clients:manage"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1clients~1{clientId}/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchClient/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "updateClient": {
      "method": "patch",
      "path": "/clients/{clientId}",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "clients:manage"
      ],
      "mediaTypes": [
        "application/json"
      ],
      "bodyRequired": true,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1clients~1{clientId}/patch/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchClient/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "413": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ContentTooLarge/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UnsupportedMediaType/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "deleteClient": {
      "method": "delete",
      "path": "/clients/{clientId}",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "clients:manage"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchClient/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "addClientSecret": {
      "method": "post",
      "path": "/clients/{clientId}/secrets",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "clients:manage"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "201": {
          "mediaType": "application/json",
          "schema": "#/paths/~1clients~1{clientId}~1secrets/post/responses/201/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchClient/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/SecretConflict/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "deleteClientSecret": {
      "method": "delete",
      "path": "/clients/{clientId}/secrets/{secretId}",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "clients:manage"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchSecret/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/LastSecret/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "listKeys": {
      "method": "get",
      "path": "/keys",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "keys:read"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1keys/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "rotateKeys": {
      "method": "post",
      "path": "/keys/rotate",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "keys:manage"
      ],
      "mediaTypes": [
        "application/json"
      ],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1keys~1rotate/post/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NotRotated/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": false,
              "schema": "#/components/responses/NotRotated/headers/Retry-After/schema"
            }
          }
        },
        "413": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ContentTooLarge/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UnsupportedMediaType/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "revokeKey": {
      "method": "post",
      "path": "/keys/{kid}/revoke",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "keys:manage"
      ],
      "mediaTypes": [
        "application/json"
      ],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1keys~1{kid}~1revoke/post/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "404": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/NoSuchKey/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "409": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/RevocationUndone/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "413": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ContentTooLarge/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "415": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/UnsupportedMediaType/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "listAuditEvents": {
      "method": "get",
      "path": "/audit-events",
      "errors": "problem",
      "access": "bearer",
      "scopes": [
        "audit:read"
      ],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1audit-events/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "401": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unauthorized/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "403": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Forbidden/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "WWW-Authenticate": {
              "required": true,
              "schema": "#/components/headers/BearerChallenge/schema"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    },
    "getJwks": {
      "method": "get",
      "path": "/.well-known/jwks.json",
      "errors": "problem",
      "access": "public",
      "scopes": [],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [
        "If-None-Match"
      ],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1.well-known~1jwks.json/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "schema": "#/components/headers/CacheControl/schema"
            },
            "ETag": {
              "required": true,
              "schema": "#/components/headers/ETag/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "304": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "schema": "#/components/headers/CacheControl/schema"
            },
            "ETag": {
              "required": true,
              "schema": "#/components/headers/ETag/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicBadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicUnavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        }
      }
    },
    "getAuthorizationServerMetadata": {
      "method": "get",
      "path": "/.well-known/oauth-authorization-server",
      "errors": "problem",
      "access": "public",
      "scopes": [],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [
        "If-None-Match"
      ],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1.well-known~1oauth-authorization-server/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "schema": "#/components/headers/CacheControl/schema"
            },
            "ETag": {
              "required": true,
              "schema": "#/components/headers/ETag/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "304": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "schema": "#/components/headers/CacheControl/schema"
            },
            "ETag": {
              "required": true,
              "schema": "#/components/headers/ETag/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicBadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        }
      }
    },
    "getContractAsJson": {
      "method": "get",
      "path": "/openapi.json",
      "errors": "problem",
      "access": "public",
      "scopes": [],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [
        "If-None-Match"
      ],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1openapi.json/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "schema": "#/components/headers/CacheControl/schema"
            },
            "ETag": {
              "required": true,
              "schema": "#/components/headers/ETag/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "304": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "schema": "#/components/headers/CacheControl/schema"
            },
            "ETag": {
              "required": true,
              "schema": "#/components/headers/ETag/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicBadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        }
      }
    },
    "getContractAsYaml": {
      "method": "get",
      "path": "/openapi.yaml",
      "errors": "problem",
      "access": "public",
      "scopes": [],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [
        "If-None-Match"
      ],
      "replies": {
        "200": {
          "mediaType": "application/yaml",
          "schema": "#/paths/~1openapi.yaml/get/responses/200/content/application~1yaml/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "schema": "#/components/headers/CacheControl/schema"
            },
            "ETag": {
              "required": true,
              "schema": "#/components/headers/ETag/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "304": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Cache-Control": {
              "required": true,
              "schema": "#/components/headers/CacheControl/schema"
            },
            "ETag": {
              "required": true,
              "schema": "#/components/headers/ETag/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicBadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/PublicServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Access-Control-Allow-Origin": {
              "required": true,
              "value": "*"
            },
            "Access-Control-Expose-Headers": {
              "required": true,
              "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
            }
          }
        }
      }
    },
    "getLiveness": {
      "method": "get",
      "path": "/livez",
      "errors": "problem",
      "access": "public",
      "scopes": [],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1livez/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        }
      }
    },
    "getReadiness": {
      "method": "get",
      "path": "/readyz",
      "errors": "problem",
      "access": "public",
      "scopes": [],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "200": {
          "mediaType": "application/json",
          "schema": "#/paths/~1readyz/get/responses/200/content/application~1json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "503": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/Unavailable/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            },
            "Retry-After": {
              "required": true,
              "schema": "#/components/headers/RetryAfter/schema"
            }
          }
        }
      }
    }
  },
  "impliedMethods": {
    "head": "get"
  },
  "crossOrigin": {
    "headers": {
      "Access-Control-Allow-Origin": {
        "required": false,
        "schema": "#/x-cross-origin/headers/Access-Control-Allow-Origin/schema"
      },
      "Access-Control-Expose-Headers": {
        "required": false,
        "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
      },
      "Vary": {
        "required": false,
        "value": "Origin"
      },
      "X-Request-Id": {
        "required": false,
        "schema": "#/x-cross-origin/headers/X-Request-Id/schema"
      }
    },
    "preflight": {
      "operationId": "preflight",
      "method": "options",
      "path": "*",
      "errors": "problem",
      "access": "public",
      "scopes": [],
      "mediaTypes": [],
      "bodyRequired": false,
      "headers": [],
      "replies": {
        "204": {
          "mediaType": null,
          "schema": null,
          "headers": {
            "Allow": {
              "required": true,
              "schema": "#/x-cross-origin/preflight/responses/204/headers/Allow/schema"
            },
            "Access-Control-Allow-Origin": {
              "required": false,
              "schema": "#/x-cross-origin/preflight/responses/204/headers/Access-Control-Allow-Origin/schema"
            },
            "Access-Control-Allow-Methods": {
              "required": false,
              "schema": "#/x-cross-origin/preflight/responses/204/headers/Access-Control-Allow-Methods/schema"
            },
            "Access-Control-Allow-Headers": {
              "required": false,
              "value": "Authorization, Content-Type, If-None-Match, Traceparent, Tracestate, X-Requested-With"
            },
            "Access-Control-Max-Age": {
              "required": false,
              "value": "86400"
            }
          }
        },
        "400": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/BadRequest/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        },
        "500": {
          "mediaType": "application/problem+json",
          "schema": "#/components/responses/ServerError/content/application~1problem+json/schema",
          "headers": {
            "Cache-Control": {
              "required": true,
              "value": "no-store"
            }
          }
        }
      }
    }
  },
  "unmatched": {
    "problem": {
      "400": {
        "mediaType": "application/problem+json",
        "schema": "#/x-unmatched-replies/problem/400/content/application~1problem+json/schema",
        "headers": {
          "Cache-Control": {
            "required": true,
            "value": "no-store"
          }
        }
      },
      "404": {
        "mediaType": "application/problem+json",
        "schema": "#/x-unmatched-replies/problem/404/content/application~1problem+json/schema",
        "headers": {
          "Cache-Control": {
            "required": true,
            "value": "no-store"
          }
        }
      },
      "405": {
        "mediaType": "application/problem+json",
        "schema": "#/x-unmatched-replies/problem/405/content/application~1problem+json/schema",
        "headers": {
          "Cache-Control": {
            "required": true,
            "value": "no-store"
          },
          "Allow": {
            "required": true,
            "schema": "#/x-unmatched-replies/problem/405/headers/Allow/schema"
          }
        }
      }
    },
    "oauth": {
      "400": {
        "mediaType": "application/json",
        "schema": "#/x-unmatched-replies/oauth/400/content/application~1json/schema",
        "headers": {
          "Cache-Control": {
            "required": true,
            "value": "no-store"
          }
        }
      },
      "405": {
        "mediaType": "application/json",
        "schema": "#/x-unmatched-replies/oauth/405/content/application~1json/schema",
        "headers": {
          "Cache-Control": {
            "required": true,
            "value": "no-store"
          },
          "Allow": {
            "required": true,
            "schema": "#/x-unmatched-replies/oauth/405/headers/Allow/schema"
          }
        }
      }
    },
    "public": {
      "400": {
        "mediaType": "application/problem+json",
        "schema": "#/components/responses/PublicBadRequest/content/application~1problem+json/schema",
        "headers": {
          "Cache-Control": {
            "required": true,
            "value": "no-store"
          },
          "Access-Control-Allow-Origin": {
            "required": true,
            "value": "*"
          },
          "Access-Control-Expose-Headers": {
            "required": true,
            "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
          }
        }
      },
      "405": {
        "mediaType": "application/problem+json",
        "schema": "#/x-unmatched-replies/public/405/content/application~1problem+json/schema",
        "headers": {
          "Cache-Control": {
            "required": true,
            "value": "no-store"
          },
          "Allow": {
            "required": true,
            "schema": "#/x-unmatched-replies/public/405/headers/Allow/schema"
          },
          "Access-Control-Allow-Origin": {
            "required": true,
            "value": "*"
          },
          "Access-Control-Expose-Headers": {
            "required": true,
            "value": "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id"
          }
        }
      }
    }
  },
  "everyReply": {
    "Content-Security-Policy": {
      "required": true,
      "value": "default-src 'none';frame-ancestors 'none'"
    },
    "Cross-Origin-Resource-Policy": {
      "required": true,
      "value": "same-origin"
    },
    "Referrer-Policy": {
      "required": true,
      "value": "no-referrer"
    },
    "Strict-Transport-Security": {
      "required": false,
      "value": "max-age=31536000"
    },
    "X-Content-Type-Options": {
      "required": true,
      "value": "nosniff"
    },
    "X-Frame-Options": {
      "required": true,
      "value": "DENY"
    }
  }
} as const satisfies RouteTable;
