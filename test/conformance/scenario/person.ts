/** The input of a new user with these attributes, who gets no message. */
export const person = (Username: string, ...attributes: [string, string][]) => ({
  Username,
  MessageAction: 'SUPPRESS' as const,
  UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
})
