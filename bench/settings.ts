export const userPoolId = 'eu-west-1_BenchPool'
export const clientId = '1example23456789abcdefghij'
export const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`
